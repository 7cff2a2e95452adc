"""How well an embedding model reads a text; it lives beside the models, where indexing needs it too."""

from vectorstore.embeddings.readability import Readability

__all__ = ["Readability"]
