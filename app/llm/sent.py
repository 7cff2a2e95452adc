"""What goes to a server and what it calls its answer, as far as a record of the answer needs it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import convert_to_messages
from langchain_core.prompt_values import PromptValue

from app.schemas import Said

if TYPE_CHECKING:
    from langchain_core.outputs import ChatGenerationChunk
    from langchain_openai import ChatOpenAI

_ROLES = {"human": "user", "ai": "assistant"}


def as_said(input: LanguageModelInput) -> tuple[Said, ...]:
    """The messages that a model is given."""
    if isinstance(input, PromptValue):
        messages = input.to_messages()
    else:
        messages = convert_to_messages([("human", input)] if isinstance(input, str) else input)
    return tuple(Said(role=_ROLES.get(one.type, one.type), content=one.text) for one in messages)


@cache
def client() -> type[ChatOpenAI]:
    """LangChain's client; the chunks of its streams keep the id of the response as `response_id`."""
    from langchain_openai import ChatOpenAI

    class Client(ChatOpenAI):
        def _convert_chunk_to_generation_chunk(
            self, chunk: dict[str, Any], *args: Any, **kwargs: Any
        ) -> ChatGenerationChunk | None:
            made = super()._convert_chunk_to_generation_chunk(chunk, *args, **kwargs)
            if made is not None and chunk.get("id"):
                made.message.response_metadata["response_id"] = chunk["id"]
            return made

    return Client
