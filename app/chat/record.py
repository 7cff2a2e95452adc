"""The record of an answer while it is made: what shaped it, and where its time went."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from app.chat.context import Passage, without_free_answers
from app.chat.marks import without_marks
from app.chat.memory.budget import Fitted, fitted
from app.chat.relevance import ENOUGH
from app.config import Settings
from app.llm.prices import cost
from app.schemas import Mode, PromptChoice, PromptUsed, Question, Said, Sampling, SentChunk, Timeline, Trace
from prompts import digest
from prompts.library import FOLDERS, Kind

if TYPE_CHECKING:
    from app.chat.reply import Reply
    from app.llm import ChatModel

# Settings that shape no answer: places, doors, reading of files. Secrets are left out by their type.
_NOT_SHAPING = frozenset(
    {
        "data_dir",
        "collection",
        "history_url",
        "language",
        "host",
        "port",
        "log_level",
        "max_upload_mb",
        "stop_seconds",
    }
    | {"read_workers", "read_seconds", "read_memory_mb", "read_output_mb", "ocr", "ocr_languages"}
    | {"ingest_engine", "ray_address"}
    | {"web_allowed_hosts", "llm_timeout", "llm_retries", "free_chat", "price_prompt", "price_completion"}
    | {"server_seconds", "server_retries", "pgvector_type"}
    | {"chroma_url", "chroma_ca", "chroma_tenant", "chroma_database"}
    | {"milvus_uri", "milvus_database", "milvus_ca"}
    | {"qdrant_url", "qdrant_ca", "qdrant_shards", "qdrant_replicas"}
    | {"pinecone_host", "pinecone_index", "pinecone_cloud", "pinecone_region"}
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer stands on.

    Attributes:
        collection, generation, embedding: see `Trace`.
        threshold: from which score on a question is answered.
        dense_weight: gives the share of the vectors in the scores of a search.
    """

    collection: str = ""
    generation: int | None = None
    embedding: str = ""
    threshold: float = ENOUGH
    dense_weight: Callable[[str], float] | None = None


class Recorder:
    """Gathers the record of one answer; the clock starts when it is made.

    Args:
        sampling: what the model is to be asked with.
    """

    def __init__(
        self,
        question: Question,
        settings: Settings,
        sampling: Sampling,
        model: ChatModel | None,
        basis: Basis | None = None,
    ) -> None:
        self._at = self.began = time.perf_counter()
        self._question, self._settings, self._sampling = question, settings, sampling
        self._model, self._basis = model, basis
        self._seconds: dict[str, float] = {}
        self._standalone = question.text
        self._chunks: tuple[SentChunk, ...] = ()
        self.prompts: tuple[PromptUsed, ...] = ()
        self.typed: dict[str, Any] = {}
        self._forms: dict[str, str] = {}

    def formed(self, forms: Mapping[str, str], **typed: Any) -> None:
        """What a typed answer was made by.

        Args:
            forms: the schema and further prompt files, each with a hash of its text.
            typed: `held_by`, `repairs` and `parts` of `Trace`, once they are known.
        """
        self._forms |= forms
        self.typed = typed

    def worded(self, choice: PromptChoice, prompts: Sequence[PromptUsed], *, alone: bool) -> None:
        """The parts of the prompt.

        Args:
            choice: asks for the same ones again, whatever versions follow.
            alone: the history is not sent.
        """
        forgotten = {"history": (), "summary": ""} if alone else {}
        self._question = self._question.model_copy(update={"prompt": choice, **forgotten})
        self.prompts = tuple(prompts)

    @property
    def timeline(self) -> Timeline:
        """The parts that are over."""
        return Timeline(**self._seconds)

    def noted(self, piece: Mapping[str, Any]) -> None:
        """A piece of the stream of `retrieval_chain`."""
        if "standalone" in piece:
            self.condensed(piece["standalone"])
        if "documents" in piece:
            self.searched()
        if "passages" in piece:
            self.numbered(piece["passages"])

    def condensed(self, standalone: str) -> None:
        self._standalone = standalone
        self._over("condense")

    def searched(self) -> None:
        self._over("search")

    def numbered(self, passages: Sequence[Passage]) -> None:
        self._chunks = tuple(map(sent, passages))

    def spoke(self) -> None:
        """The first word is there; later ones change nothing."""
        if "first_token" not in self._seconds:
            self._over("first_token")

    def _over(self, part: str) -> None:
        now = time.perf_counter()
        self._seconds[part], self._at = now - self._at, now

    # -- the record ------------------------------------------------------------------------------

    def prepared(self) -> Trace:
        """What is known before the model is asked."""
        documents = self._basis if self._question.mode is Mode.DOCUMENTS else None
        return Trace(
            version=docent_version(),
            asked=self._asked(),
            settings=shaping(self._settings),
            standalone=self._standalone,
            chunks=self._chunks,
            templates=self._templates(),
            sampling=self._sampling,
            **(self._searched_in(documents) if documents else {}),
        )

    def finished(self, reply: Reply, shown: Mapping[int, int] | None = None) -> Trace:
        """The whole record; without a word, all the time after the search counts as waiting.

        Args:
            shown: number of a passage -> its number in the answer.
        """
        self._over("rest" if "first_token" in self._seconds else "first_token")
        numbers = shown or {}
        made = {
            "chunks": tuple(one.model_copy(update={"cited": numbers.get(one.n)}) for one in self._chunks),
            "prompt": reply.prompt,
            "prompt_hash": prompt_hash(reply.prompt),
            "model": reply.model,
            "fingerprint": reply.fingerprint,
            "response_id": reply.response_id,
            "sampling": reply.sampling,
            "tokens": reply.tokens,
            "cost": cost(reply.model, reply.tokens, self._settings),
            **self.typed,
        }
        return self.prepared().model_copy(update=made)

    def _asked(self) -> Question:
        """The question with what it did not say itself, and with what the model was told of the history."""
        name = self._model.endpoint.name if self._model else "none"
        told = self._told
        update: dict[str, Any] = {"model": name, "sampling": self._sampling}
        update |= {"history": told.turns, "summary": told.summary}
        if self._question.mode is Mode.DOCUMENTS:
            update["top_k"] = self._question.top_k or self._settings.top_k
        return self._question.model_copy(update=update)

    @cached_property
    def _told(self) -> Fitted:
        asked = self._question
        turns = asked.history if asked.mode is Mode.FREE else without_free_answers(asked.history)
        bare = [turn.model_copy(update={"content": without_marks(turn.content)}) for turn in turns]
        return fitted(asked.summary, bare, self._settings.history_tokens)

    def _searched_in(self, basis: Basis) -> dict[str, Any]:
        weight = basis.dense_weight(self._standalone) if basis.dense_weight else None
        return {
            "collection": basis.collection,
            "generation": basis.generation,
            "embedding": basis.embedding,
            "threshold": basis.threshold,
            "dense_weight": weight,
        }

    def _templates(self) -> dict[str, str]:
        """The files that the prompt is made of."""
        if self._model is None:
            return {}
        if self._question.mode is Mode.FREE:
            names: tuple[str, ...] = ("free",)
        else:
            condensed = self._question.history
            names = (("condense",) if condensed else ()) + (
                ("extract",) if self._question.form else ("answer",)
            )
        parts = {_named(one): one.hash for one in self.prompts}
        return {name: digest(name) for name in names} | parts | self._forms


def _named(one: PromptUsed) -> str:
    """Such as "roles/auditor", and "roles/captain@3" for a version of one's own."""
    version = f"@{one.version}" if one.version else ""
    return f"{FOLDERS[Kind(one.kind)].name}/{one.name}{version}"


def sent(passage: Passage) -> SentChunk:
    """A passage as the record keeps it; its text is in the prompt and in the collection."""
    hit, chunk = passage.hit, passage.hit.chunk
    return SentChunk(
        n=passage.n,
        chunk_id=chunk.id,
        around=tuple(one.id for one in passage.chunks),
        digest=_digest(passage.text),
        source=chunk.source,
        title=chunk.title,
        page=chunk.page,
        rank=hit.rank,
        score=hit.score,
        dense=hit.dense,
        keyword=hit.keyword,
        rerank=hit.explain.rerank if hit.explain else None,
    )


def shaping(settings: Settings) -> dict[str, Any]:
    """The settings that shape answers, as JSON; addresses without user, password and query."""
    found = settings.model_dump(mode="json", exclude=set(_NOT_SHAPING))
    secret = {name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)}
    return {
        name: without_secrets(value) if isinstance(value, str) and "://" in value else value
        for name, value in found.items()
        if name not in secret
    }


def without_secrets(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def prompt_hash(prompt: Sequence[Said]) -> str:
    """sha256 of the messages; "" where nothing was sent."""
    said = json.dumps([[one.role, one.content] for one in prompt], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest() if prompt else ""


@cache  # it is read from the files of the installation
def docent_version() -> str:
    try:
        return version("docent")
    except PackageNotFoundError:
        return "unknown"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
