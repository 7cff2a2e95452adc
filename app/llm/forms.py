"""How a server is held to a JSON schema: strictly, by a tool's arguments, as any JSON, or by words alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from app.errors import ModelError

Form = Literal["json_schema", "function_calling", "json_mode", "text"]

FORMS: tuple[Form, ...] = ("json_schema", "function_calling", "json_mode", "text")
"""From the strictest to what every server knows."""

# How servers name what they do not know, in errors that may as well be about something else.
_NAMED: Mapping[Form, re.Pattern[str]] = {
    "json_schema": re.compile(r"response_format|schema|grammar|guided|structured", re.IGNORECASE),
    "function_calling": re.compile(r"\btools?\b|tool_choice|function|grammar", re.IGNORECASE),
    "json_mode": re.compile(r"response_format|json", re.IGNORECASE),
    "text": re.compile(r"(?!)"),
}
_THIS_SCHEMA = re.compile(r"invalid (?:json )?schema", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model's answer is to be.

    Attributes:
        name: of letters, digits, "_" and "-".
        schema: a JSON schema.
        strict: whether the schema is one that strict modes take.
    """

    name: str
    schema: Mapping[str, Any]
    strict: bool = True

    def request(self, form: Form) -> dict[str, Any]:
        """What a request says of it beside its messages."""
        if form == "json_schema":
            described = {"name": self.name, "schema": self.schema, "strict": self.strict}
            return {"response_format": {"type": "json_schema", "json_schema": described}}
        if form == "function_calling":
            described = {"name": self.name, "description": "Takes the object.", "parameters": self.schema}
            function = described | ({"strict": True} if self.strict else {})
            choice = {"type": "function", "function": {"name": self.name}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        return {"response_format": {"type": "json_object"}} if form == "json_mode" else {}


def below(form: Form) -> Form | None:
    """The next looser one."""
    return next((after for one, after in pairwise(FORMS) if one == form), None)


def refuses(error: ModelError, form: Form) -> bool:
    """Whether an error may mean that the server does not know this form."""
    status, reason = error.values.get("status"), error.values.get("reason")
    if reason == "not_held":
        return False
    if reason == "rejected" or status in (405, 415, 501):
        return form != "text"
    return isinstance(status, int) and status != 429 and bool(_NAMED[form].search(str(error)))


def is_about_the_schema(error: ModelError) -> bool:
    """Whether the server knows the form, and does not like this one schema."""
    return bool(_THIS_SCHEMA.search(str(error)))
