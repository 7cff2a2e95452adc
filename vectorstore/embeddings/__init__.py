"""Embedding models by name: the built-in one, folders, sentence-transformers names, and openai:NAME."""

from __future__ import annotations

from app.config import Settings
from app.errors import ConfigurationError
from vectorstore.embeddings.base import EmbeddingIdentity, EmbeddingModel, characters_per_token
from vectorstore.embeddings.folder import ModelFolder
from vectorstore.embeddings.hub import BUILT_IN_SHA256, locate

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

        precision = settings.embedding_precision
        # With the built-in weights int8 ranks as well as float32; other models were not measured.
        int8 = precision == "int8" or (precision == "auto" and weights == BUILT_IN_SHA256[:16])
        return OnnxEmbedding(folder, weights, int8)
    if settings.embedding_runtime == "onnx":
        raise ConfigurationError(
            f"The embedding model {name!r} ({folder.config.get('model_type')!r}) does not run on "
            "onnxruntime here. Set DOCENT_EMBEDDING_RUNTIME=auto.",
            model=name,
        )
    from vectorstore.embeddings.sentence import SentenceTransformerEmbedding

    return SentenceTransformerEmbedding(folder, weights)
