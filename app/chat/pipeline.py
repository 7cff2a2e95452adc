"""The way out: question → stand-alone question → passages → model → answer with citations, as events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from app.chat.cite import Marks, citations, without_marks
from app.chat.condense import condense
from app.chat.context import Neighbours, Passage, passages, trim_history
from app.chat.extractive import extract
from app.chat.refusal import is_refusal, refusal
from app.chat.relevance import relevant
from app.config import Settings, env_file
from app.errors import ModelError, ModelRejectedError, QuestionError
from app.schemas import (
    Answer,
    Citation,
    Condensed,
    Done,
    Event,
    Hit,
    Notice,
    Question,
    Retrieved,
    Sampling,
    Seconds,
    Token,
    Tokens,
    Told,
    Turn,
)

if TYPE_CHECKING:
    from app.chat.generate import Reply
    from app.llm import ChatModel

QUESTION_CHARACTERS = 20_000


class Search(Protocol):
    """What the pipeline needs of a searcher."""

    def search(self, text: str, k: int) -> list[Hit]: ...


class Pipeline:
    """Answers questions from one collection. May be used by many threads.

    Args:
        searcher: finds the passages.
        model: None answers without a language model.
        settings: `top_k`, sampling, `history_tokens`; a question's own values win.
        neighbours: gives the chunks around one, to show the model a hit in its context.
    """

    def __init__(
        self,
        searcher: Search,
        model: ChatModel | None,
        settings: Settings,
        neighbours: Neighbours | None = None,
    ) -> None:
        self.searcher = searcher
        self.model = model
        self.settings = settings
        self.neighbours = neighbours

    def answer(self, question: Question) -> Answer:
        """The checked answer, all at once; raises what `stream` raises."""
        for event in self.stream(question):
            if isinstance(event, Done):
                return event.answer
        raise ModelError("The answer ended early; ask again.")

    def stream(self, question: Question, cancelled: threading.Event | None = None) -> Iterator[Event]:
        """Events while the answer is made: Condensed, Retrieved, Tokens with Told between them, Done.

        Args:
            cancelled: once it is set, the connection to the model is closed and Done holds what there is.

        Raises:
            QuestionError: the question is empty or too long.
            ModelError: the model did not answer; `values["partial"]` is what it had said.
        """
        return _Run(self, question, cancelled or threading.Event()).events()

    def retrieve(self, question: Question) -> tuple[str, tuple[Hit, ...], tuple[Passage, ...]]:
        """The stand-alone question, its hits and, if they are relevant, the passages to answer it from.

        Raises:
            QuestionError: the question is empty or too long.
        """
        text = checked(question.text)
        history, _ = trim_history(question.history, self.settings.history_tokens)
        standalone = condense(text, history, self.model)
        hits = self.hits(standalone, question)
        return standalone, hits, self.passages(hits)

    def hits(self, standalone: str, question: Question) -> tuple[Hit, ...]:
        return tuple(self.searcher.search(standalone, question.top_k or self.settings.top_k))

    def passages(self, hits: Sequence[Hit]) -> tuple[Passage, ...]:
        """Numbered passages of the hits; none if nothing relevant is among them."""
        return passages(hits, self.neighbours) if relevant(hits) else ()

    def sampling(self, question: Question) -> Sampling:
        """The question's own values, else those of the settings."""
        fields = Sampling.model_fields
        own = {name: value for name in fields if (value := getattr(question.sampling, name)) is not None}
        return Sampling(**({name: getattr(self.settings, name) for name in fields} | own))


class _Run:
    """One question on its way to an answer."""

    def __init__(self, pipeline: Pipeline, question: Question, cancelled: threading.Event) -> None:
        self._pipeline = pipeline
        self._question = question
        self._cancelled = cancelled
        self._began = time.perf_counter()
        self._standalone = ""
        self._text = ""
        self._retrieve_seconds = 0.0
        self._first_token: float | None = None
        self._notices: list[Notice] = []
        self._told = 0

    def events(self) -> Iterator[Event]:
        pipeline, question = self._pipeline, self._question
        text = checked(question.text)
        history, cut = trim_history(question.history, pipeline.settings.history_tokens)
        if cut:
            self._notices.append(Notice(code="history_cut", values={"count": str(cut)}))
        seed = pipeline.sampling(question).seed
        self._standalone = condense(text, history, pipeline.model, seed, self._cancelled)
        yield Condensed(standalone=self._standalone)
        yield from self._tell()
        began = time.perf_counter()
        hits = pipeline.hits(self._standalone, question)
        self._retrieve_seconds = time.perf_counter() - began
        yield Retrieved(hits=hits, seconds=self._retrieve_seconds)
        found = pipeline.passages(hits)
        if self._cancelled.is_set():
            yield from self._finished(found, Marks([]), None)
        else:
            yield from self._answered(text, found, history) if found else self._refused()

    def _answered(self, text: str, found: Sequence[Passage], history: Sequence[Turn]) -> Iterator[Event]:
        model = self._pipeline.model
        if model is None:
            yield from self._quoted(found)
            return
        from app.chat.generate import Reply, generate

        reply = Reply(sampling=self._pipeline.sampling(self._question))
        marks = Marks([passage.n for passage in found])
        # The words of the user, so that the answer takes up their tone; the stand-alone form if it says more.
        asked = self._standalone if history else text
        words = generate(
            model, asked, found, history, reply.sampling, self._notices.append, reply, self._cancelled
        )
        try:
            yield from self._streamed(words, marks)
        except ModelError as error:
            error.values["partial"] = self._text
            raise
        yield from self._finished(found, marks, reply)

    def _quoted(self, found: Sequence[Passage]) -> Iterator[Event]:
        self._notices.append(Notice(code="no_model", values={"env_file": str(env_file())}))
        marks = Marks([passage.n for passage in found])
        text = extract(self._standalone, found)
        if not text:
            yield from self._refused()
            return
        yield from self._streamed(_lines(text), marks)
        yield from self._finished(found, marks, None)

    def _refused(self) -> Iterator[Event]:
        yield from self._token(refusal(self._question.text))
        yield Done(answer=self._made(self._text, refused=True))

    def _streamed(self, words: Iterator[str], marks: Marks) -> Iterator[Event]:
        for piece in words:
            if self._cancelled.is_set():
                break
            yield from self._tell()
            yield from self._token(marks.feed(piece))
        yield from self._token(marks.end())

    def _token(self, text: str) -> Iterator[Event]:
        if not self._text:
            text = text.lstrip()
        if text:
            if self._first_token is None:
                self._first_token = time.perf_counter() - self._began
            self._text += text
            yield Token(text=text)

    def _tell(self) -> Iterator[Event]:
        """The notices that came up since the last time."""
        fresh, self._told = self._notices[self._told :], len(self._notices)
        yield from (Told(notice=notice) for notice in fresh)

    def _finished(self, found: Sequence[Passage], marks: Marks, reply: Reply | None) -> Iterator[Event]:
        stopped = self._cancelled.is_set()
        text = self._text.strip()
        if not text and not stopped:
            raise _said_nothing(reply)
        refused = is_refusal(text)
        if marks.removed:
            self._notices.append(Notice(code="marks_removed", values={"count": str(marks.removed)}))
        if reply is not None and reply.finish == "length":
            self._notices.append(Notice(code="length"))
        if stopped:
            self._notices.append(Notice(code="stopped"))
        yield from self._tell()
        if refused:
            yield Done(answer=self._made(without_marks(text), refused=True, reply=reply))
            return
        cited = citations(text, marks.shown, found, self._standalone)
        yield Done(answer=self._made(text, refused=False, reply=reply, found=cited))

    def _made(
        self,
        text: str,
        *,
        refused: bool,
        reply: Reply | None = None,
        found: tuple[Citation, ...] = (),
    ) -> Answer:
        sampling = reply.sampling if reply else self._pipeline.sampling(self._question)
        return Answer(
            question=self._question.text,
            standalone=self._standalone,
            answer=text,
            refused=refused,
            citations=found,
            model=reply.model if reply else None,
            temperature=sampling.temperature,
            seed=sampling.seed,
            fingerprint=reply.fingerprint if reply else None,
            tokens=reply.tokens if reply else Tokens(),
            seconds=Seconds(
                retrieve=self._retrieve_seconds,
                first_token=self._first_token or 0.0,
                total=time.perf_counter() - self._began,
            ),
            notices=tuple(self._notices),
        )


def checked(text: str) -> str:
    """The question as it goes on: trimmed, and without what no server takes.

    Raises:
        QuestionError: it has no letter or digit, or more than QUESTION_CHARACTERS characters.
    """
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
    if not any(character.isalnum() for character in clean):
        raise QuestionError("The question is empty. Write what you want to know.")
    if len(clean) > QUESTION_CHARACTERS:
        raise QuestionError(
            f"The question has {len(clean):,} characters; the limit is {QUESTION_CHARACTERS:,}. "
            "Put long texts into a file, index it, and ask about it.",
            characters=len(clean),
            limit=QUESTION_CHARACTERS,
        )
    return clean


def _lines(text: str) -> Iterator[str]:
    yield from text.splitlines(keepends=True)


def _said_nothing(reply: Reply | None) -> ModelRejectedError:
    model = reply.model if reply else None
    why = reply.finish if reply and reply.finish else "no reason given"
    return ModelRejectedError(
        f"The model {model!r} answered without a word ({why}). Raise DOCENT_MAX_TOKENS if it thinks before "
        "it answers, or choose another model in DOCENT_LLM_MODEL.",
        model=model,
    )
