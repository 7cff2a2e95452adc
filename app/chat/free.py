"""Free chat: an answer of the language model's own knowledge, without documents, and marked as such."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.chat.generate import as_messages, bound, template
from app.chat.going_on import going_on
from app.chat.interrupt import interruptible
from app.chat.marks import Marks
from app.chat.memory.budget import fitted, summary_messages
from app.chat.question import checked
from app.chat.record import Recorder
from app.chat.reply import Reply
from app.config import Settings, env_file
from app.errors import ConfigurationError, ModelError, ModelRejectedError
from app.schemas import (
    Answer,
    Done,
    Event,
    Mode,
    Notice,
    Prepared,
    Question,
    Sampling,
    Seconds,
    Token,
    Told,
)

if TYPE_CHECKING:
    from app.llm import ChatModel


def check_free(model: ChatModel | None, settings: Settings) -> ChatModel:
    """The model that talks freely.

    Raises:
        ConfigurationError: it is not allowed here, or no model is set.
    """
    if not settings.free_chat:
        raise ConfigurationError(
            "Free chat is switched off here (DOCENT_FREE_CHAT=false). Ask the documents instead, or set "
            f"DOCENT_FREE_CHAT=true in {env_file()}."
        )
    if model is None:
        raise ConfigurationError(
            "Free chat needs a language model, and none is set. Set DOCENT_LLM_MODEL, for example to "
            f"'openai:gpt-4o-mini' with OPENAI_API_KEY or to 'ollama:qwen3', in {env_file()}."
        )
    return model


def free_answer(
    model: ChatModel | None,
    settings: Settings,
    question: Question,
    cancelled: threading.Event | None = None,
    begun: str = "",
) -> Iterator[Event]:
    """Events while the answer is made: Prepared, Tokens with Told between them, and Done.

    Args:
        begun: the beginning of an answer that broke off, to be gone on with.

    Raises:
        ConfigurationError: see `check_free`.
        QuestionError: the question is empty or too long.
        ModelError: the model did not answer; `values["partial"]` is what it had said.
    """
    asked = question.sampling.model_dump(exclude_none=True)
    sampling = Sampling(**({name: getattr(settings, name) for name in Sampling.model_fields} | asked))
    stop = cancelled or threading.Event()
    run = _Run(check_free(model, settings), settings, question, sampling, stop, begun)
    return (yield from run.events())


class _Run:
    """One question on its way; marks are removed while the words come."""

    def __init__(
        self,
        model: ChatModel,
        settings: Settings,
        question: Question,
        sampling: Sampling,
        cancelled: threading.Event,
        begun: str,
    ) -> None:
        self._begun = begun
        self._record = Recorder(question, settings, sampling, model)
        self._history_tokens = settings.history_tokens
        self._model = model
        self._question = question
        self._sampling = sampling
        self._cancelled = cancelled
        self._marks = Marks([])
        self._reply = Reply(sampling=sampling)
        self._notices: list[Notice] = []
        self._told = 0
        self._text = ""

    def events(self) -> Iterator[Event]:
        text = checked(self._question.text)
        told = fitted(self._question.summary, self._question.history, self._history_tokens)
        if told.added:
            self._notices.append(Notice(code="history_summarised", values={"count": str(told.added)}))
        model = bound(
            self._model, sampling=self._sampling, tell=self._notices.append, cancelled=self._cancelled
        )
        chain = template("free") | (going_on(model, self._begun) if self._begun else model)
        yield Prepared(trace=self._record.prepared())
        given = {"question": text, "history": [*summary_messages(told.summary), *as_messages(told.turns)]}
        try:
            for chunk in interruptible(lambda: chain.stream(given), self._cancelled):
                self._reply.add(chunk)
                yield from self._tell()
                yield from self._token(self._marks.feed(chunk.text))
        except ModelError as error:
            yield from self._token(self._marks.end())
            error.values["partial"] = self._text
            raise
        yield from self._token(self._marks.end())
        yield from self._finished()

    def _token(self, text: str) -> Iterator[Event]:
        text = text if self._text else text.lstrip()
        if text:
            self._record.spoke()
            self._text += text
            yield Token(text=text)

    def _tell(self) -> Iterator[Event]:
        fresh, self._told = self._notices[self._told :], len(self._notices)
        yield from (Told(notice=notice) for notice in fresh)

    def _finished(self) -> Iterator[Event]:
        stopped, reply = self._cancelled.is_set(), self._reply
        if not self._text.strip() and not stopped:
            raise ModelRejectedError(
                f"The model {reply.model!r} answered without a word ({reply.finish or 'no reason given'}). "
                "Raise DOCENT_MAX_TOKENS if it thinks before it answers, or choose another model in "
                "DOCENT_LLM_MODEL.",
                model=reply.model,
            )
        if reply.finish == "length":
            self._notices.append(Notice(code="length"))
        if stopped:
            self._notices.append(Notice(code="stopped"))
        yield from self._tell()
        yield Done(answer=self._made())

    def _made(self) -> Answer:
        reply = self._reply
        trace = self._record.finished(reply)
        return Answer(
            question=self._question.text,
            standalone=self._question.text,
            answer=self._text.strip(),
            refused=False,
            citations=(),
            model=reply.model,
            temperature=reply.sampling.temperature,
            seed=reply.sampling.seed,
            fingerprint=reply.fingerprint,
            tokens=reply.tokens,
            seconds=Seconds.of(self._record.timeline),
            notices=tuple(self._notices),
            mode=Mode.FREE,
            trace=trace,
        )
