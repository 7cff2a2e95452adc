"""Embedding models on sentence-transformers: every architecture, and GPUs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.errors import ConfigurationError
from vectorstore.base import Vectors
from vectorstore.embeddings.base import EmbeddingIdentity
from vectorstore.embeddings.folder import ModelFolder
from vectorstore.embeddings.windows import embed_whole, unit


class SentenceTransformerEmbedding:
    """A folder that sentence-transformers can load; code that comes with a model is never run.

    Args:
        folder: the model.
        weights: what identifies its weights, see `EmbeddingIdentity`.

    Raises:
        ConfigurationError: sentence-transformers cannot load it.
    """

    uses_gpu = True

    def __init__(self, folder: ModelFolder, weights: str) -> None:
        self._model = _load(folder)
        self._lock = threading.Lock()
        self.dimension = int(self._model.get_embedding_dimension())
        self.max_tokens = int(self._model.max_seq_length or folder.max_tokens)
        self.identity = EmbeddingIdentity(
            model=folder.name,
            weights=weights,
            dimension=self.dimension,
            pooling=folder.pooling,
            normalised=folder.normalised,
            query_prompt=folder.query_prompt,
            document_prompt=folder.document_prompt,
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._count(texts, self.identity.document_prompt)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self.identity.document_prompt)

    def embed_query(self, text: str) -> Vectors:
        return np.asarray(self._embed([text], self.identity.query_prompt)[0])

    def _count(self, texts: Sequence[str], prompt: str) -> list[int]:
        tokenizer = self._model.tokenizer
        # Settings of one tokenizer are shared by its threads.
        with self._lock:
            return [
                len(tokenizer(prompt + text, truncation=False, verbose=False)["input_ids"]) for text in texts
            ]

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        def encode(parts: Sequence[str]) -> Vectors:
            if not parts:
                return np.zeros((0, self.dimension), dtype=np.float32)
            with self._lock:
                made = self._model.encode(list(parts), prompt=prompt, show_progress_bar=False)
            return unit(np.asarray(made, dtype=np.float32))

        return embed_whole(texts, self.max_tokens, lambda parts: self._count(parts, prompt), encode)


def _load(folder: ModelFolder) -> Any:
    from sentence_transformers import SentenceTransformer

    try:
        # 32 bits whatever the file has, so that every runtime makes the same vectors.
        kwargs = {"dtype": "float32"}
        return SentenceTransformer(str(folder.path), local_files_only=True, model_kwargs=kwargs)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ConfigurationError(
            f"The embedding model {folder.name!r} cannot be loaded from {folder.path}: {error}",
            model=folder.name,
        ) from error
