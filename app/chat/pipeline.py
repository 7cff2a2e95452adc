"""The chain's stream as typed events, and at its end the checked answer with its citations."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.chat.context import Neighbours, Passage, passages, suspicious, without_free_answers
from app.chat.free import free_answer
from app.chat.interrupt import interruptible
from app.chat.marks import Marks, without_marks
from app.chat.question import without_filters, without_mentions
from app.chat.record import Basis, Recorder
from app.chat.refusal import is_refusal
from app.chat.relevance import NAMED, names_files
from app.chat.reply import Reply
from app.chat.similarity import Similarity
from app.chat.unanswered import NOTHING_KNOWN, Grounds, explained
from app.chat.verify import Verified, verify
from app.config import Settings
from app.errors import ModelError, ModelRejectedError
from app.prompting import LIBRARY, Chosen, Shelf, chosen
from app.prompting.chosen import used
from app.schemas import (
    Answer,
    Condensed,
    Done,
    Event,
    Hit,
    Mode,
    Notice,
    Prepared,
    PromptChoice,
    Question,
    Refusal,
    Retrieved,
    Sampling,
    Seconds,
    Token,
    Told,
)

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.messages import AIMessageChunk
    from langchain_core.runnables import Runnable

    from app.chat.preview import Preview
    from app.chat.retrieve.query import Fields
    from app.chat.retriever import DocentRetriever, Search
    from app.chat.tasks import Task
    from app.chat.tasks.documents import Documents
    from app.llm import ChatModel
    from vectorstore.embeddings import EmbeddingModel


class Pipeline:
    """Answers questions from one collection. May be used by many threads.

    Args:
        searcher: finds the passages.
        model: None answers without a language model.
        settings: `top_k`, sampling, `history_tokens`; a question's own values win.
        neighbours: gives the chunks around one, to show the model a hit in its context.
        fields: gives the names of the documents' own fields that a question may be filtered by.
        grounds: what a refusal can be explained with, and the threshold of relevance.
        embedding: gives the model by which sentences are compared where their words differ.
        shelf: the parts of the prompt that a question may name.
        documents: gives the documents that a task is about.
        basis: what the record of an answer says of the collection.
    """

    def __init__(
        self,
        searcher: Search,
        model: ChatModel | None,
        settings: Settings,
        neighbours: Neighbours | None = None,
        fields: Fields = tuple,
        grounds: Grounds = NOTHING_KNOWN,
        embedding: Callable[[], EmbeddingModel] | None = None,
        shelf: Shelf = LIBRARY,
        documents: Documents | None = None,
        basis: Basis | None = None,
    ) -> None:
        self.searcher = searcher
        self.model = model
        self.settings = settings
        self.neighbours = neighbours
        self.fields = fields
        self.grounds = grounds
        self.embedding = embedding
        self.shelf = shelf
        self.documents = documents
        self.basis = basis or Basis(threshold=grounds.enough)

    def answer(self, question: Question) -> Answer:
        """The checked answer, all at once; raises what `stream` raises."""
        return last_answer(self.stream(question))

    def stream(self, question: Question, cancelled: threading.Event | None = None) -> Iterator[Event]:
        """Events while the answer is made: Condensed, Retrieved, Prepared, Tokens with Told between, Done.

        Args:
            cancelled: once it is set, the connection to the model is closed and Done holds what there is.

        Raises:
            QuestionError: the question is empty or too long.
            ConfigurationError: it names a part of the prompt that does not exist or lacks a value, or a task
                that needs a language model.
            NotFoundError, UsageError: a task does not name the documents that it needs.
            ModelError: the model did not answer; `values["partial"]` is what it had said.
        """
        if question.mode is Mode.FREE:
            return free_answer(self.model, self.settings, question, cancelled)
        return Run(self, question, cancelled or threading.Event()).events()

    def retrieve(
        self, question: Question, record: Recorder | None = None
    ) -> tuple[str, tuple[Hit, ...], tuple[Passage, ...]]:
        """The stand-alone question, its hits and, if they are relevant, the passages to answer it from.

        Args:
            record: is told of all three, each as soon as it is there.

        Raises:
            QuestionError: the question is empty or too long.
        """
        from app.chat.chain import as_hits, retrieval_chain

        if task := self.task(question):
            found = passages(task.hits)
            if record is not None:
                record.noted({"standalone": task.question, "documents": task.hits, "passages": found})
            return task.question, task.hits, found
        chain = retrieval_chain(
            self.retriever(question),
            self.model,
            neighbours=self.neighbours,
            seed=self.sampling(question).seed,
            history_tokens=self.settings.history_tokens,
            enough=self.enough(question),
        )
        state: dict[str, Any] = {}
        for piece in chain.stream(as_state(question, self.fields)):
            state |= piece
            if record is not None:
                record.noted(piece)
        return state["standalone"], as_hits(state["documents"]), state["passages"]

    def preview(self, question: Question) -> Preview:
        """The prompt that this question would be sent with; raises what `stream` raises before it."""
        from app.chat.preview import preview

        task = self.task(question)
        standalone, _, found = self.retrieve(question)
        return preview(standalone, found, self.wording(question), (used(task.command.part),) if task else ())

    def task(self, question: Question | None) -> Task | None:
        """The task that a question asks for, with its documents; None for any other question."""
        from app.chat.retrieve.query import checked as checked_filters
        from app.chat.tasks import task_of

        if question is None or self.documents is None or not question.text.lstrip().startswith("/"):
            return None
        where = checked_filters(question.where, self.fields)
        return task_of(question.text, where, self.shelf, self.documents)

    def wording(self, question: Question | None = None) -> Chosen:
        """The question's own role, style and examples, else those of the settings."""
        return chosen(question.prompt if question else PromptChoice(), self.settings, self.shelf)

    def retriever(
        self, question: Question | None = None, tell: Callable[[Notice], None] | None = None
    ) -> DocentRetriever:
        """The searcher for a question's `top_k` and filters, which may stand in its text."""
        from app.chat.retriever import DocentRetriever

        k = (question and question.top_k) or self.settings.top_k
        where = without_filters(question, self.fields)[1] if question else {}
        return DocentRetriever(searcher=self.searcher, k=k, where=where or None, tell=tell)

    def chain(
        self,
        question: Question | None = None,
        tell: Callable[[Notice], None] | None = None,
        cancelled: threading.Event | None = None,
        task: Task | None = None,
    ) -> Runnable[dict[str, Any], dict[str, Any]]:
        """The chain that answers, as `app.chat.chain.answer_chain` describes it.

        Args:
            question: its `top_k`, `sampling` and filters are used; its text and history go into the chain.
            tell: is told what the user should know.
            task: answers from its documents instead of searching.
        """
        from app.chat.chain import answer_chain

        return answer_chain(
            task.retriever() if task else self.retriever(question, tell),
            self.model,
            neighbours=None if task else self.neighbours,
            sampling=self.sampling(question),
            history_tokens=self.settings.history_tokens,
            enough=0.0 if task else self.enough(question),
            wording=self.wording(question),
            quote=task.quoted if task else None,
            tell=tell or _ignore,
            cancelled=cancelled,
        )

    def enough(self, question: Question | None = None) -> float:
        """From which score on a passage is worth an answer to this question."""
        where = without_filters(question, self.fields)[1] if question else {}
        return self.grounds.enough * (NAMED if names_files(where) else 1)

    def sampling(self, question: Question | None = None) -> Sampling:
        """The question's own values, else those of the settings."""
        asked = question.sampling.model_dump(exclude_none=True) if question else {}
        return Sampling(**({name: getattr(self.settings, name) for name in Sampling.model_fields} | asked))


class Run:
    """One question on its way to an answer.

    Args:
        pieces: what `answer_chain` streams, where that does not come from the chain itself.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        question: Question,
        cancelled: threading.Event,
        pieces: Callable[[Callable[[Notice], None]], Iterator[dict[str, Any]]] | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._question = question
        self._cancelled = cancelled
        self._record = Recorder(
            question, pipeline.settings, pipeline.sampling(question), pipeline.model, pipeline.basis
        )
        self._given_pieces = pieces
        self._standalone = question.text
        self._hits: tuple[Hit, ...] = ()
        self._passages: tuple[Passage, ...] = ()
        self._marks = Marks([])
        self._reply = Reply(sampling=pipeline.sampling(question))
        self._text = ""
        self._cited = 0
        self._notices: list[Notice] = []
        self._told = 0
        self._task: Task | None = None
        self._handlers: dict[str, Callable[[Any], Iterator[Event]]] = {
            "standalone": self._condensed,
            "documents": self._retrieved,
            "passages": self._numbered,
            "answer": self._said,
        }

    def events(self) -> Iterator[Event]:
        """The stream of the chain, piece by piece."""
        self._prepare()
        try:
            for piece in interruptible(self._pieces, self._cancelled):
                for name, value in piece.items():
                    if handle := self._handlers.get(name):
                        yield from handle(value)
        except ModelError as error:
            yield from self._token(self._marks.end())
            error.values["partial"] = self._text
            raise
        yield from self._token(self._marks.end())
        yield from self._finished()

    def _prepare(self) -> None:
        """Find the task and the parts of the prompt, so that what is wrong with them is said first."""
        pipeline = self._pipeline
        wording = pipeline.wording(self._question)
        parts = wording.used if pipeline.model else ()
        self._task = task = None if self._given_pieces else pipeline.task(self._question)
        if task is not None:
            task.check(pipeline.model is not None)
            self._notices += task.notices()
            parts = (*parts, used(task.command.part))
        self._record.worded(wording.choice, parts, alone=task is not None)

    def _pieces(self) -> Iterator[dict[str, Any]]:
        if self._given_pieces is not None:
            return self._given_pieces(self._notices.append)
        task = self._task
        chain = self._pipeline.chain(self._question, self._notices.append, self._cancelled, task)
        state = {"question": task.question} if task else as_state(self._question, self._pipeline.fields)
        return chain.stream(state, {"run_name": "docent"})

    def _condensed(self, standalone: str) -> Iterator[Event]:
        self._standalone = standalone
        self._record.condensed(standalone)
        yield Condensed(standalone=standalone)

    def _retrieved(self, documents: Sequence[Document]) -> Iterator[Event]:
        from app.chat.chain import as_hits

        self._record.searched()
        self._hits = as_hits(documents)
        yield Retrieved(hits=self._hits, seconds=self._record.timeline.search)

    def _numbered(self, passages: tuple[Passage, ...]) -> Iterator[Event]:
        self._passages = passages
        self._marks = Marks([passage.n for passage in passages])
        self._record.numbered(passages)
        if sources := suspicious(passages):
            self._notices.append(Notice(code="suspicious_passage", values={"sources": ", ".join(sources)}))
        yield Prepared(trace=self._record.prepared())

    def _said(self, chunk: AIMessageChunk) -> Iterator[Event]:
        self._reply.add(chunk)
        yield from self._tell()
        yield from self._token(self._marks.feed(chunk.text))

    def _token(self, text: str) -> Iterator[Event]:
        if not self._text:
            text = text.lstrip()
        if text:
            self._record.spoke()
            self._text += text
            cites = {n: passage for passage, n in self._marks.shown.items() if n > self._cited}
            self._cited = len(self._marks.shown)
            yield Token(text=text, cites=cites)

    def _tell(self) -> Iterator[Event]:
        """The notices that came up since the last time.

        Called from the first word on: before, the chain runs ahead in its own thread, and when it gets to a
        notice would be left to chance.
        """
        fresh, self._told = self._notices[self._told :], len(self._notices)
        yield from (Told(notice=notice) for notice in fresh)

    def _finished(self) -> Iterator[Event]:
        stopped = self._cancelled.is_set()
        text = self._text.strip()
        if not text and not stopped:
            raise _said_nothing(self._reply)
        if removed := self._marks.removed:
            self._notices.append(Notice(code="marks_removed", values={"count": str(removed)}))
        if self._reply.finish == "length":
            self._notices.append(Notice(code="length"))
        if stopped:
            self._notices.append(Notice(code="stopped"))
        yield from self._tell()
        if is_refusal(text):
            yield Done(answer=self._made(without_marks(text), why=self._why()))
            return
        cut = stopped or self._reply.finish == "length"
        embedding = self._pipeline.embedding
        similar = Similarity(embedding) if embedding else None
        verified = verify(text, self._marks.shown, self._passages, self._standalone, similar, cut=cut)
        yield Done(answer=self._made(verified.text, verified=verified))

    def _made(self, text: str, *, verified: Verified | None = None, why: Refusal | None = None) -> Answer:
        reply = self._reply
        checked = verified.fields() if verified else {"citations": ()}
        trace = self._record.finished(reply, self._marks.shown)
        return Answer(
            question=self._question.text,
            standalone=self._standalone,
            answer=text,
            refused=verified is None,
            **checked,
            model=reply.model,
            temperature=reply.sampling.temperature,
            seed=reply.sampling.seed,
            fingerprint=reply.fingerprint,
            tokens=reply.tokens,
            seconds=Seconds.of(self._record.timeline),
            notices=tuple(self._notices),
            refusal=why,
            prompts=self._record.prompts,
            trace=trace,
        )

    def _why(self) -> Refusal:
        question, fields = self._question, self._pipeline.fields
        reason = "not_found" if self._passages else "off_topic"
        where = without_filters(question, fields)[1]
        grounds = replace(self._pipeline.grounds, enough=self._pipeline.enough(question))
        return explained(reason, self._standalone, self._hits, grounds, where)


def last_answer(events: Iterator[Event]) -> Answer:
    """What a stream comes to.

    Raises:
        ModelError: it ended without an answer.
    """
    for event in events:
        if isinstance(event, Done):
            return event.answer
    raise ModelError("The answer ended early; ask again.")


def as_state(question: Question, fields: Fields = tuple) -> dict[str, Any]:
    """What goes into the chain; filters in the text go to the retriever."""
    from app.chat.generate import as_messages

    return {
        "question": without_filters(question, fields)[0],
        "history": as_messages(without_free_answers(without_mentions(question.history))),
        "summary": question.summary,
    }


def _ignore(_: Notice) -> None:
    pass


def _said_nothing(reply: Reply) -> ModelRejectedError:
    why = reply.finish or "no reason given"
    return ModelRejectedError(
        f"The model {reply.model!r} answered without a word ({why}). Raise DOCENT_MAX_TOKENS if it thinks "
        "before it answers, or choose another model in DOCENT_LLM_MODEL.",
        model=reply.model,
    )
