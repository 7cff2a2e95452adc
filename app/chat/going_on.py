"""A model that goes on with an answer that broke off, as a runnable that takes the place of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator

from app.chat.seam import Seam, last_words
from prompts import load


def going_on(model: Runnable[Any, Any], text: str) -> Runnable[Any, AIMessageChunk]:
    """The model, asked to go on behind `text`; its stream begins with that text.

    Args:
        text: what there is of the answer, with the marks as the model wrote them.
    """

    def stream(prompts: Iterator[PromptValue], config: RunnableConfig) -> Iterator[AIMessageChunk]:
        yield AIMessageChunk(content=text)
        [prompt] = prompts
        seam = Seam(text)
        for chunk in model.stream([*prompt.to_messages(), *_request(text)], config):
            chunk.content = seam.feed(chunk.text)
            yield chunk
        yield AIMessageChunk(content=seam.end())

    return RunnableGenerator(cast(Any, stream), name="going_on")


def _request(text: str) -> list[BaseMessage]:
    _, human = load("continue").fill(last_words=last_words(text))
    return [AIMessage(content=text), HumanMessage(content=human)]
