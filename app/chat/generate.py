"""The answer of a language model, as a chain of LangChain: prompt → model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.runnables import Runnable, RunnableLambda

from app.chat.context import passages_text
from app.chat.marks import without_marks
from app.chat.memory.budget import summary_messages
from app.language import detect_language
from app.prompting import Chosen, plain
from app.schemas import Notice, Role, Sampling, Turn
from prompts import load

if TYPE_CHECKING:
    from langchain_core.prompt_values import PromptValue
    from langchain_core.prompts import ChatPromptTemplate

Tell = Callable[[Notice], None]
Model = Runnable[Any, Any]
"""A chat model: `app.llm.ChatModel`, or any of LangChain."""


def template(name: str) -> ChatPromptTemplate:
    """A prompt of our files as LangChain's, with a place for `history` between its two texts."""
    from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

    prompt = load(name)
    texts = [("system", prompt.system)] if prompt.system else []
    return ChatPromptTemplate(
        [*texts, MessagesPlaceholder("history", optional=True), ("human", prompt.human)]
    )


def generation(
    model: Model,
    sampling: Sampling,
    tell: Tell,
    cancelled: threading.Event | None = None,
    wording: Chosen | None = None,
) -> Runnable[dict[str, Any], AIMessageChunk]:
    """The question, its history and passages → prompt → model.

    Raises:
        ConfigurationError: a variable of the role, the style or the examples has no value; when it runs.
        ModelError: see `app.llm`; only when it runs.
    """
    return prompted(wording) | bound(model, sampling=sampling, tell=tell, cancelled=cancelled)


def prompted(wording: Chosen | None = None) -> Runnable[dict[str, Any], PromptValue]:
    """The question, its history and passages → the prompt as it is sent."""
    return RunnableLambda(partial(_words, wording or plain())) | template("answer")


def bound(model: Model, **how: Any) -> Runnable[Any, Any]:
    """A model of ours with what `ChatModel.stream` takes; any other as it is."""
    from app.llm import ChatModel

    return model.bind(**how) if isinstance(model, ChatModel) else model


def _words(wording: Chosen, given: dict[str, Any]) -> dict[str, Any]:
    """What fills the prompt.

    The question is in the words of the user, so that the answer takes up their tone; it stands alone where
    there is a history.
    """
    summary = given.get("summary", "")
    question = given["standalone"] if given["history"] or summary else given["question"]
    words = wording.words(detect_language(question)) | {
        "passages": passages_text(given["passages"]),
        "question": question,
    }
    load("answer").check(words)
    return {**words, "history": [*summary_messages(summary), *given["history"]]}


def as_messages(history: Sequence[Turn]) -> list[BaseMessage]:
    """Turns as LangChain's messages, without marks: their numbers meant other passages."""
    kinds: dict[Role, type[BaseMessage]] = {Role.USER: HumanMessage, Role.ASSISTANT: AIMessage}
    return [kinds[turn.role](content=without_marks(turn.content)) for turn in history]


def as_turns(messages: Sequence[BaseMessage]) -> tuple[Turn, ...]:
    """What was said by the user and the assistant, without marks."""
    roles = {"human": Role.USER, "ai": Role.ASSISTANT}
    return tuple(
        Turn(role=roles[message.type], content=without_marks(message.text))
        for message in messages
        if message.type in roles
    )
