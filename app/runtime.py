"""`build(settings)`: the one place where the parts are joined.

Everything else takes its collaborators as arguments. Parts are made when they are first asked for, so
that a command pays only for what it uses, and one Runtime may serve many threads.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from app.errors import ConfigurationError, DocentError

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from app.answers.filling import Filler
    from app.answers.schemas import Schema, SchemaShelf
    from app.chat.jobs import Jobs
    from app.chat.memory.keeper import Memory
    from app.chat.pipeline import Pipeline
    from app.chat.record import Basis
    from app.chat.retrieve import Searcher
    from app.chat.retrieve.query import Where
    from app.chat.retrieve.rerank import Reranker
    from app.chat.unanswered import Grounds
    from app.config import Settings
    from app.history import History
    from app.llm import ChatModel
    from app.originals import Originals
    from app.prompting import Shelf
    from app.schemas import Answer, Event, IngestReport, Question
    from app.tables import Tables
    from app.tables.extraction import Extraction
    from ingest.collection import Collection, Kept
    from ingest.pipeline import Progress
    from ingest.web import Site
    from vectorstore.embeddings import EmbeddingModel

_log = logging.getLogger(__name__)

_MOST_MODELS = 32


def build(settings: Settings) -> Runtime:
    """Join the parts as `settings` say. Nothing is read or loaded yet."""
    return Runtime(settings)


class Runtime:
    """The joined parts. Close it, or use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._embeddings: dict[tuple[str, str], EmbeddingModel] = {}
        self._language_models: dict[str | None, ChatModel | None] = {}
        self._collections: dict[str, Collection] = {}
        self._history: History | None = None
        self._jobs: Jobs | None = None
        self._memory: Memory | None = None
        self._originals: Originals | None = None
        self._reranking: Reranker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def drain(self) -> None:
        """Begin no answer any more, and let those under way end within `DOCENT_STOP_SECONDS`."""
        if self._jobs is not None:
            self._jobs.drain(self.settings.stop_seconds)

    def close(self) -> None:
        """Release files and threads; running answers are stopped and kept."""
        with self._lock:
            if self._memory is not None:
                self._memory.close()
            if self._jobs is not None:
                self._jobs.close()
            if self._originals is not None:
                self._originals.close()
            for collection in self._collections.values():
                collection.close()
            if self._history is not None:
                self._history.close()
            self._collections, self._history, self._jobs, self._originals = {}, None, None, None
            self._memory = None

    # -- the way in ------------------------------------------------------------------------------

    def ingest(
        self,
        paths: Sequence[Path | Site],
        collection: str | None = None,
        *,
        rebuild: bool = False,
        dry_run: bool = False,
        exclude: Sequence[str] = (),
        retry: Sequence[str] | None = None,
        following: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Bring a collection in step with `paths`; see `ingest.pipeline.sync`."""
        from ingest.pipeline import sync

        name = collection or self.settings.collection
        report = sync(
            paths,
            self.settings,
            self.embedding,
            collection=name,
            rebuild=rebuild,
            dry_run=dry_run,
            exclude=exclude,
            retry=retry,
            following=following,
            on_progress=on_progress,
        )
        ends = report.share is None or report.share.leads  # one of those that shared a run does for all
        if report.chunks and not dry_run and ends:
            self._calibrate(name)
        return report

    def _calibrate(self, name: str) -> None:
        """Measure from which score on its questions are answered; what goes wrong here fails no run."""
        from app.chat.answerable import calibrate, fits
        from app.chat.retrieve import Searcher

        try:
            held = self.collection(name)
            weight = self.settings.dense_weight
            if fits(held.calibration(), held, weight):
                return
            plain = self.settings.model_copy(update={"mmr": None, "query_expansion": "none"})
            if measured := calibrate(held, Searcher(held, lambda: self.embedding_of(held), plain), weight):
                held.keep_calibration(measured)
        except DocentError as error:
            _log.warning("The threshold of answers of %r was not measured: %s", name, error)

    def restore(self, collection: str | None = None) -> Kept:
        """Let what served before the last change of the embedding model serve again."""
        from ingest.collection import restore

        return restore(collection or self.settings.collection, self.settings)

    def forget_previous(self, collection: str | None = None) -> Kept:
        """Delete what `restore` would bring back."""
        from ingest.collection import forget_previous

        return forget_previous(collection or self.settings.collection, self.settings)

    # -- the way out -----------------------------------------------------------------------------

    def answer(self, question: Question, collection: str | None = None) -> Answer:
        """The checked answer, all at once."""
        from app.chat.pipeline import last_answer

        return last_answer(self.stream(question, collection))

    def stream(
        self, question: Question, collection: str | None = None, cancelled: threading.Event | None = None
    ) -> Iterator[Event]:
        """The same as events, while it is being made; free chat needs no collection, and has no form."""
        from app.chat.free import free_answer
        from app.schemas import Mode

        if question.mode is Mode.FREE:
            return free_answer(self.language_model(question.model), self.settings, question, cancelled)
        if question.form:
            return self.typed_stream(question, question.form, collection, cancelled)
        return self.pipeline(collection, question.model).stream(question, cancelled)

    def typed_answer(self, question: Question, schema: str | Schema, collection: str | None = None) -> Answer:
        """An answer whose `typed` is an object of this schema, or of the one with this name."""
        from app.chat.pipeline import last_answer

        return last_answer(self.typed_stream(question, schema, collection))

    def typed_stream(
        self,
        question: Question,
        schema: str | Schema,
        collection: str | None = None,
        cancelled: threading.Event | None = None,
    ) -> Iterator[Event]:
        """The same as events, with the object so far while it is being made.

        A schema that is named gives all its records, where there may be several.
        """
        from app.answers.extraction import typed_stream

        wanted = self.schemas.find(schema).asked if isinstance(schema, str) else schema
        return typed_stream(self.pipeline(collection, question.model), question, wanted, cancelled)

    def filler(self, schema: Schema, model: str | None = None, *, keep_unsupported: bool = False) -> Filler:
        """What fills a schema from the passages of one document: a model, or rules where none is set.

        Args:
            keep_unsupported: whether values of the model that stand nowhere are kept, and marked.
        """
        from app.answers.model_filler import ModelFiller
        from app.answers.rules import RuleFiller

        answers = self.language_model(model)
        if answers is None:
            return RuleFiller(schema)
        return ModelFiller(schema, answers, self.settings, keep_unsupported=keep_unsupported)

    def extraction(
        self,
        schema: str | Schema,
        collection: str | None = None,
        *,
        where: Where | None = None,
        model: str | None = None,
        keep_unsupported: bool = False,
    ) -> Extraction:
        """One schema over a collection, ready to be estimated and run.

        Args:
            schema: or its name.
            where: only documents that match; see `app.chat.retrieve.query`.
            model: "provider:model"; None takes the configured one, "none" fills by rules.

        Raises:
            UsageError: there is no such schema.
            NotFoundError: nothing was indexed under the name of the collection.
        """
        from app.tables.extraction import Extraction, plan_of, source_of

        wanted = self.schemas.find(schema) if isinstance(schema, str) else schema
        held = self.collection(collection)
        answers = self.language_model(model)
        by = None if answers is None else answers.endpoint.name
        filler = self.filler(wanted, model, keep_unsupported=keep_unsupported)
        plan = plan_of(wanted, held.name, where or {})
        source = source_of(plan, filler, by, self.settings, keep_unsupported=keep_unsupported)
        return Extraction(self.tables, plan, held, source, self.settings, by)

    def repeat(self, message_id: str, cancelled: threading.Event | None = None) -> Iterator[Event]:
        """A kept answer made again from its record; the record of the new one names it in `repeats`.

        Raises:
            NotFoundError: there is no such answer, or it has no record.
        """
        from app.reproduce import recorded, relating

        trace = recorded(self.history, message_id)
        events = self.stream(trace.asked, trace.collection or None, cancelled)
        return relating(events, {"repeats": message_id})

    def resume(self, message_id: str, cancelled: threading.Event | None = None) -> Iterator[Event]:
        """An answer that broke off, gone on with behind its last words; without a model, made anew.

        Raises:
            NotFoundError: there is no such answer, or it has no record.
            UsageError: it did not break off, or its documents have changed since.
        """
        from app.chat.free import free_answer
        from app.reproduce import begun, relating, resumed
        from app.schemas import Mode

        first = begun(self.history, message_id)
        asked, collection = first.trace.asked, first.trace.collection
        if asked.mode is Mode.FREE:
            model = self.language_model(asked.model)
            events = free_answer(model, self.settings, asked, cancelled, first.text)
        elif asked.model == "none":
            events = self.stream(asked, collection, cancelled)
        else:
            chunks = self.collection(collection).chunks
            events = resumed(self.pipeline(collection, asked.model), first, chunks, cancelled)
        return relating(events, {"continues": message_id})

    # -- parts -----------------------------------------------------------------------------------

    def embedding(self) -> EmbeddingModel:
        """The model that the settings name."""
        return self._loaded(self.settings)

    def embedding_of(self, collection: Collection) -> EmbeddingModel:
        """The model that made a collection's vectors, also where the settings name another one by now.

        Raises:
            EmbeddingMismatchError: it cannot be had any more under its name; the message says what to run.
            ConfigurationError: it cannot be loaded.
        """
        known = collection.embedding
        if known is None:
            return self.embedding()
        values = {
            "embedding_model": collection.embedding_name,
            "embedding_precision": known.get("precision", "auto"),
        }
        if collection.embedding_name == self.settings.embedding_model:
            model = self.embedding()
            if model.identity.key == known["key"]:
                return model
        try:
            model = self._loaded(self.settings.model_copy(update=values))
        except ConfigurationError as error:
            raise ConfigurationError(
                f"The collection {collection.name!r} holds vectors of {known['label']}, and that model "
                f"cannot be loaded: {error} To embed everything anew for DOCENT_EMBEDDING_MODEL="
                f"{self.settings.embedding_model}: python -m ingest --rebuild --collection {collection.name}",
                collection=collection.name,
            ) from error
        collection.check_model(model)
        return model

    def _loaded(self, settings: Settings) -> EmbeddingModel:
        from vectorstore.embeddings import load_embedding_model

        key = settings.embedding_model, settings.embedding_precision
        with self._lock:
            if key not in self._embeddings:
                self._embeddings[key] = load_embedding_model(settings)
            return self._embeddings[key]

    def collections(self) -> list[str]:
        """The names of all collections, sorted."""
        from ingest.collection import list_collections

        return list_collections(self.settings)

    def collection(self, name: str | None = None) -> Collection:
        """A collection, open for reading and fresh.

        Raises:
            NotFoundError: nothing was indexed under this name.
        """
        from ingest.collection import Collection

        name = name or self.settings.collection
        with self._lock:
            found = self._collections.get(name)
            if found is None:
                found = self._collections[name] = Collection.open(name, self.settings)
            found.refresh()
            if not found.is_current:
                # Answers under way open it again for themselves, and end with the vectors they began with.
                found.close()
                found = self._collections[name] = Collection.open(name, self.settings)
            return found

    def searcher(self, collection: str | None = None, model: str | None = None) -> Searcher:
        """A searcher; `model` is the language model that rewords queries, where the settings want it."""
        return self._searcher(self.collection(collection), model)

    def _searcher(self, held: Collection, model: str | None) -> Searcher:
        from app.chat.retrieve import Searcher

        return Searcher(
            held,
            lambda: self.embedding_of(held),
            self.settings,
            lambda: self.language_model(model),
            self._reranker(),
        )

    def _reranker(self) -> Reranker | None:
        from app.chat.retrieve.rerank import Reranker

        name = self.settings.rerank_model.strip()
        with self._lock:
            if name and self._reranking is None:
                self._reranking = Reranker(name)
            return self._reranking

    def models(self) -> list[str]:
        """The language models that the settings name: choices for a picker."""
        named = (self.settings.llm_model, self.settings.llm_fallback_model)
        return list(dict.fromkeys(filter(None, named)))

    def language_model(self, name: str | None = None) -> ChatModel | None:
        """The chat model with this name, or the configured one; None when answers go without."""
        from app.llm import chat_model

        with self._lock:
            # Each has connections of its own, which are dear to open; names may come from anybody.
            if name not in self._language_models:
                if len(self._language_models) >= _MOST_MODELS:
                    self._language_models.clear()
                self._language_models[name] = chat_model(self.settings, name)
            return self._language_models[name]

    def pipeline(
        self, collection: str | None = None, model: str | None = None, shelf: Shelf | None = None
    ) -> Pipeline:
        """What answers from a collection; `shelf` takes the place of `prompts`, as for a draft."""
        from app.chat.pipeline import Pipeline
        from app.chat.tasks import whole_documents

        # One look at the collection for all: another generation may take its place at any moment.
        held = self.collection(collection)
        searcher, language_model = self._searcher(held, model), self.language_model(model)
        grounds = self._grounds(held)
        return Pipeline(
            searcher,
            language_model,
            self.settings,
            held.neighbours,
            held.fields,
            grounds,
            lambda: self.embedding_of(held),
            shelf or self.prompts,
            partial(whole_documents, held),
            self._basis(held, grounds.enough, searcher),
        )

    def _basis(self, held: Collection, enough: float, searcher: Searcher) -> Basis:
        from app.chat.record import Basis

        known = held.embedding or {}
        return Basis(held.name, held.generation, str(known.get("label", "")), enough, searcher.dense_weight)

    def _grounds(self, held: Collection) -> Grounds:
        from app.chat.relevance import ENOUGH
        from app.chat.unanswered import Grounds

        measured = held.calibration()
        known = measured is not None and measured.dense_weight == self.settings.dense_weight
        return Grounds(
            enough=measured.threshold if measured is not None and known else ENOUGH,
            collection=held.name,
            documents=lambda: held.counts()[0],
            others=lambda: [name for name in self.collections() if name != held.name],
            called=lambda id_: next((one.source for one in held.records() if one.id == id_), id_),
        )

    def chain(
        self, collection: str | None = None, model: str | None = None
    ) -> Runnable[dict[str, Any], dict[str, Any]]:
        """What answers, as a chain of LangChain, to run by itself or to build on.

        See `app.chat.chain.answer_chain`: `{"question", "history"}` → `standalone`, `documents`, `passages`
        and `answer`. Made for one state of the collection; make it again after indexing.
        """
        return self.pipeline(collection, model).chain()

    @property
    def history(self) -> History:
        from app.history import History

        with self._lock:
            if self._history is None:
                self._history = History(*self._history_url())
                self._history.purge()
            return self._history

    @property
    def prompts(self) -> Shelf:
        """The library and people's own prompts."""
        from app.prompting import Shelf

        return Shelf(self.history.prompts)

    @property
    def schemas(self) -> SchemaShelf:
        """What typed answers may be asked for, people's own included."""
        from app.answers.schemas import SchemaShelf

        return SchemaShelf(self.settings, self.history.schemas)

    @property
    def jobs(self) -> Jobs:
        from app.chat.jobs import Jobs

        with self._lock:
            if self._jobs is None:
                self._jobs = Jobs(self.history, self.memory.renew_after)
            return self._jobs

    @property
    def memory(self) -> Memory:
        from app.chat.memory.keeper import Memory

        with self._lock:
            if self._memory is None:
                self._memory = Memory(self.history, self.settings, self.language_model)
            return self._memory

    @property
    def tables(self) -> Tables:
        from app.tables import Tables

        return Tables(self.settings.data_dir.resolve() / "tables")

    @property
    def originals(self) -> Originals:
        from app.originals import Originals

        with self._lock:
            if self._originals is None:
                cells = self.tables.citation
                self._originals = Originals(
                    self.settings, self.history, self.collection, self.collections, cells
                )
            return self._originals

    def _history_url(self) -> tuple[str, str]:
        """Where conversations are, and the setting that says so."""
        settings = self.settings
        if settings.history_url or settings.database_url is None:
            return settings.history_url or self._sqlite_url(), "DOCENT_HISTORY_URL"
        return settings.database_url.get_secret_value(), "DOCENT_DATABASE_URL"

    def _sqlite_url(self) -> str:
        folder = self.settings.data_dir.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / 'conversations.sqlite'}"
