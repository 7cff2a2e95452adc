"""The prompt that asks for an object, with the schema in words and the passages that it is to stand on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.answers.generation.parts import Part
from app.answers.schemas.schema import Schema
from app.chat.context import passages_text
from prompts import load

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# What forms and rules need of a schema, and a model does not.
_FOR_OTHERS = frozenset({"title", "x-title", "x-labels", "x-many"})


def prompt_for(schema: Schema, question: str) -> Callable[[Part], list[BaseMessage]]:
    """Makes the messages that ask for an object from some passages."""
    from langchain_core.messages import HumanMessage, SystemMessage

    described = json.dumps(in_words(schema.json_schema), ensure_ascii=False)

    def prompt(part: Part) -> list[BaseMessage]:
        system, human = load("extract").fill(
            schema_name=schema.name,
            schema=described,
            passages=passages_text(part),
            question=question,
        )
        return [SystemMessage(content=system), HumanMessage(content=human)]

    return prompt


def in_words(schema: Any, *, names: bool = False) -> Any:
    """A JSON schema as a model is told it.

    Args:
        names: its keys are names of fields or definitions.
    """
    if isinstance(schema, Mapping):
        return {
            key: in_words(one, names=not names and key in ("properties", "$defs"))
            for key, one in schema.items()
            if names or key not in _FOR_OTHERS
        }
    return [in_words(one) for one in schema] if isinstance(schema, list) else schema
