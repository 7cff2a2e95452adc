"""Embedding models by name: the built-in one, folders, sentence-transformers names, and openai:NAME."""

from __future__ import annotations

from app.config import Settings
from app.errors import ConfigurationError
from vectorstore.embeddings.base import EmbeddingIdentity, EmbeddingModel, characters_per_token
from vectorstore.embeddings.folder import ModelFolder
from vectorstore.embeddings.hub import locate

__all__ = ["EmbeddingIdentity", "EmbeddingModel", "characters_per_token", "load_embedding_model"]


def load_embedding_model(settings: Settings) -> EmbeddingModel:
    """The model that `DOCENT_EMBEDDING_MODEL` names, on the runtime that `DOCENT_EMBEDDING_RUNTIME` allows.

    Raises:
        ConfigurationError: there is no such model, or it cannot run this way.
    """
    name = settings.embedding_model.strip()
    if name.startswith("openai:"):
        from vectorstore.embeddings.openai import OpenAIEmbedding

        return OpenAIEmbedding(name.removeprefix("openai:"), settings)
    path, weights = locate(name)
    folder = ModelFolder.read(path, name)
    if folder.runs_on_onnx and settings.embedding_runtime != "torch":
        from vectorstore.embeddings.encoder import OnnxEmbedding

        return OnnxEmbedding(folder, weights)
    if settings.embedding_runtime == "onnx":
        raise ConfigurationError(
            f"The embedding model {name!r} ({folder.config.get('model_type')!r}) does not run on "
            "onnxruntime here. Set DOCENT_EMBEDDING_RUNTIME=auto.",
            model=name,
        )
    from vectorstore.embeddings.sentence import SentenceTransformerEmbedding

    return SentenceTransformerEmbedding(folder, weights)
