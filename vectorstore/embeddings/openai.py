"""Embedding models behind an OpenAI-compatible server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from pydantic import SecretStr

from app.config import Settings
from app.errors import (
    ConfigurationError,
    ModelAuthError,
    ModelError,
    ModelRateLimitError,
    ModelRejectedError,
    ModelUnavailableError,
)
from vectorstore.base import Vectors
from vectorstore.embeddings.base import EmbeddingIdentity
from vectorstore.embeddings.windows import embed_whole, unit

# A quarter of what OpenAI's models take: the estimate below may be that wrong on text that is no language.
MAX_TOKENS = 2048
TOKENS_PER_REQUEST = 64 * 1024
TEXTS_PER_REQUEST = 256
PIECES = re.compile(r"[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]")


class OpenAIEmbedding:
    """`openai:NAME`, at OpenAI or at `DOCENT_EMBEDDING_BASE_URL`.

    Args:
        name: the server's name of the model.
        settings: address, key, patience and tries.

    Raises:
        ConfigurationError: there is no key.
        ModelError: the server did not answer; raised on first use.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        from langchain_openai import OpenAIEmbeddings

        # OpenAI's key is for OpenAI: another server gets only the key that is set for it.
        key = settings.embedding_api_key
        if key is None and not settings.embedding_base_url:
            key = settings.openai_api_key
        if key is None and not settings.embedding_base_url:
            raise ConfigurationError(
                f"openai:{name} needs a key: set OPENAI_API_KEY or DOCENT_EMBEDDING_API_KEY, "
                "or DOCENT_EMBEDDING_BASE_URL to a server that needs none.",
                model=name,
            )
        self._name = name
        self.max_tokens = MAX_TOKENS
        self._client = OpenAIEmbeddings(
            model=name,
            openai_api_key=key or SecretStr("none"),
            openai_api_base=settings.embedding_base_url or None,
            request_timeout=settings.llm_timeout,
            max_retries=settings.llm_retries,
            check_embedding_ctx_length=False,
            chunk_size=TEXTS_PER_REQUEST,
        )

    @cached_property
    def dimension(self) -> int:
        """Asked from the server once."""
        return int(self._request(["dimension"]).shape[1])

    @property
    def identity(self) -> EmbeddingIdentity:
        return EmbeddingIdentity(model=f"openai:{self._name}", weights="", dimension=self.dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate on the high side: the server's own tokenizer is not here."""
        return [2 + sum(map(_tokens, PIECES.findall(text))) for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return embed_whole(texts, self.max_tokens, self.count_tokens, self._in_batches)

    def embed_query(self, text: str) -> Vectors:
        return np.asarray(self.embed_documents([text])[0])

    def _in_batches(self, texts: Sequence[str]) -> Vectors:
        batches: list[list[str]] = [[]]
        room = TOKENS_PER_REQUEST
        for text, tokens in zip(texts, self.count_tokens(texts), strict=True):
            if batches[-1] and (tokens > room or len(batches[-1]) == TEXTS_PER_REQUEST):
                batches.append([])
                room = TOKENS_PER_REQUEST
            batches[-1].append(text)
            room -= tokens
        return np.concatenate([self._request(batch) for batch in batches])

    def _request(self, texts: list[str]) -> Vectors:
        # The server refuses an empty text, and a lone surrogate cannot be sent.
        clean = [text.encode("utf-8", "replace").decode() or " " for text in texts]
        try:
            made = self._client.embed_documents(clean)
        except Exception as error:
            raise self._explained(error) from error
        vectors = np.asarray(made, dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise ModelRejectedError(
                f"The embedding server answered for openai:{self._name} with no numbers."
            )
        return unit(vectors)

    def _explained(self, error: Exception) -> ModelError:
        """The error of the client as one of ours; anything else is no answer of a server."""
        status = getattr(error, "status_code", None)
        kind = {401: ModelAuthError, 403: ModelAuthError, 429: ModelRateLimitError}.get(
            status or 0, ModelRejectedError if status and status < 500 else ModelUnavailableError
        )
        return kind(
            f"The embedding server did not answer for openai:{self._name!s} ({type(error).__name__}: "
            f"{error}). Check DOCENT_EMBEDDING_BASE_URL, DOCENT_EMBEDDING_MODEL and the key.",
            model=self._name,
        )


def _tokens(piece: str) -> int:
    """A word takes a token for four letters, a number one for three digits, other signs up to two."""
    if piece.isascii():
        return -(-len(piece) // (3 if piece.isdigit() else 4))
    return 2
