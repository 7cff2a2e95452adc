"""The answer of a language model, as LangChain's chain: prompt → model, streamed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

from app.chat.cite import without_marks
from app.chat.context import Passage, passages_text
from app.chat.interrupt import interruptible
from app.language import detect_language
from app.schemas import Notice, Role, Sampling, Tokens, Turn
from prompts import answer_parts, load

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from app.llm import ChatModel

Tell = Callable[[Notice], None]


@dataclass
class Reply:
    """What is known about a model's answer beside its words; complete when the stream has ended.

    Attributes:
        model: "provider:model" that answered.
        sampling: what it was asked with, after what it does not accept was left out.
        finish: why it stopped: "stop", "length", "content_filter", …
    """

    model: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    fingerprint: str | None = None
    tokens: Tokens = field(default_factory=Tokens)
    finish: str | None = None

    def add(self, chunk: AIMessageChunk) -> None:
        metadata: dict[str, Any] = chunk.response_metadata
        self.model = metadata.get("answered_by") or self.model
        self.sampling = metadata.get("sampling") or self.sampling
        self.fingerprint = metadata.get("system_fingerprint") or self.fingerprint
        self.finish = metadata.get("finish_reason") or self.finish
        if usage := chunk.usage_metadata:
            self.tokens = Tokens(
                prompt=usage["input_tokens"], completion=usage["output_tokens"], total=usage["total_tokens"]
            )


def template(name: str) -> ChatPromptTemplate:
    """A prompt of our files as LangChain's, with a place for `history` between its two texts."""
    prompt = load(name)
    texts = [("system", prompt.system)] if prompt.system else []
    return ChatPromptTemplate(
        [*texts, MessagesPlaceholder("history", optional=True), ("human", prompt.human)]
    )


def answer_chain(
    model: ChatModel, sampling: Sampling, tell: Tell, cancelled: threading.Event | None = None
) -> Runnable[dict[str, Any], AIMessageChunk]:
    """Role, style, examples, refusal, passages, question and history → prompt → model."""
    return template("answer") | model.bind(sampling=sampling, tell=tell, cancelled=cancelled)


def generate(
    model: ChatModel,
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Turn],
    sampling: Sampling,
    tell: Tell,
    reply: Reply,
    cancelled: threading.Event | None = None,
) -> Iterator[str]:
    """The words of the answer as they come; `reply` is filled on the way.

    Raises:
        ModelError: see `app.llm`.
    """
    given = answer_parts(detect_language(question)) | {
        "passages": passages_text(passages),
        "question": question,
    }
    load("answer").check(given)
    chain = answer_chain(model, sampling, tell, cancelled)
    inputs: dict[str, Any] = {**given, "history": as_messages(history)}
    for chunk in interruptible(lambda: chain.stream(inputs), cancelled):
        reply.add(chunk)
        if chunk.text:
            yield chunk.text


def as_messages(history: Sequence[Turn]) -> list[BaseMessage]:
    """Turns as LangChain's messages, without marks: their numbers meant other passages."""
    kinds: dict[Role, type[BaseMessage]] = {Role.USER: HumanMessage, Role.ASSISTANT: AIMessage}
    return [kinds[turn.role](content=without_marks(turn.content)) for turn in history]
