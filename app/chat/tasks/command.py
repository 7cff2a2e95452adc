"""A task as a question: `/summarise @handbook.pdf length="three sentences" and mind the dates`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.errors import ConfigurationError
from prompts.library import Part

_NAME = re.compile(r'/("[^"\n]+"|[^\s"]+)(?:\s+|$)')
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_WORD = re.compile(rf"@(?P<document>{_QUOTED}|[^\s\"]+)|(?P<variable>\w+)=(?P<value>{_QUOTED}|[^\s\"]+)")


@dataclass(frozen=True, slots=True)
class Command:
    """A question taken apart.

    Attributes:
        called: the name or title that it was asked for by.
        documents: names of the documents that it is about, in order.
        text: what was said beside that.
    """

    part: Part
    called: str
    documents: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def read(question: str, find: Callable[[str], Part]) -> Command | None:
    """The task that a question asks for; None for any other question, also one that begins with a slash.

    Args:
        find: gives the task of a name; raises ConfigurationError where there is none.
    """
    match = _NAME.match(question.strip())
    if match is None:
        return None
    try:
        part = find(match[1].strip('"'))
    except ConfigurationError:
        return None
    documents: list[str] = []
    values: dict[str, str] = {}

    def take(word: re.Match[str]) -> str:
        if word["document"]:
            documents.append(_plain(word["document"]))
        elif word["variable"] in part.variables:
            values[word["variable"]] = _plain(word["value"])
        else:
            return word[0]
        return ""

    rest = _WORD.sub(take, question.strip()[match.end() :])
    return Command(part, match[1].strip('"'), tuple(dict.fromkeys(documents)), values, " ".join(rest.split()))


def command_text(
    name: str, documents: Sequence[str] = (), values: Mapping[str, str] | None = None, text: str = ""
) -> str:
    """The question that `read` takes apart again."""
    words = [f"/{_quoted(name)}", *(f"@{_quoted(one)}" for one in documents)]
    words += [f"{key}={_quoted(value)}" for key, value in (values or {}).items() if value.strip()]
    return " ".join([*words, *([text.strip()] if text.strip() else [])])


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    if re.fullmatch(r"[^\s\"\\]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word
