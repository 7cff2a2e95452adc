"""What goes to a server, and what it sends beside its words."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, convert_to_messages
from langchain_core.prompt_values import PromptValue

from app.schemas import Said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import ChatGenerationChunk, ChatResult
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
    """LangChain's client; its messages keep more of what the server said.

    The id of the response as `response_id` in the metadata; and in `additional_kwargs["said"]`, as they came,
    tool calls, which LangChain would mend, and refusals, which it would leave out of streams.
    """
    from langchain_openai import ChatOpenAI

    class Client(ChatOpenAI):
        def _convert_chunk_to_generation_chunk(
            self, chunk: dict[str, Any], *args: Any, **kwargs: Any
        ) -> ChatGenerationChunk | None:
            made = super()._convert_chunk_to_generation_chunk(chunk, *args, **kwargs)
            if made is not None and chunk.get("id"):
                made.message.response_metadata["response_id"] = chunk["id"]
            if made is not None and chunk.get("choices") and isinstance(made.message, AIMessageChunk):
                _keep(made.message, chunk["choices"][0].get("delta") or {})
            return made

        def _create_chat_result(self, response: Any, *args: Any, **kwargs: Any) -> ChatResult:
            result = super()._create_chat_result(response, *args, **kwargs)
            given = response if isinstance(response, dict) else response.model_dump()
            _keep(result.generations[0].message, given["choices"][0]["message"])
            return result

    return Client


def _keep(message: BaseMessage, given: Mapping[str, Any]) -> None:
    said = {name: given[name] for name in ("tool_calls", "function_call", "refusal") if given.get(name)}
    if said:
        message.additional_kwargs = {"said": said}
        if isinstance(message, AIMessageChunk):
            message.tool_call_chunks = []


def without_warnings() -> None:
    """LangChain warns of schemas that a server refuses; we ask in another form."""
    warnings.filterwarnings(
        "ignore", "Invalid schema for OpenAI|Cannot use method='json_schema'", UserWarning
    )


def whole(message: AIMessage) -> AIMessageChunk:
    """A message that came all at once, as the only chunk of a stream."""
    metadata = {**message.response_metadata}
    if said_id := metadata.get("id"):
        metadata["response_id"] = said_id
    return AIMessageChunk(
        content=message.content,
        additional_kwargs=message.additional_kwargs,
        response_metadata=metadata,
        usage_metadata=message.usage_metadata,
    )
