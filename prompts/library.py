"""What people choose an answer's wording by: roles, styles, examples and tasks, each in English and Korean.

Each is a Markdown file: front matter, `---`, its text, and where Korean questions get another, `---`, it.
The evidence rules are no part of them: they stand in `answer.md`, around whatever is chosen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.errors import ConfigurationError
from app.language import Language
from prompts import variables


class Kind(StrEnum):
    """What a part of a prompt is for."""

    ROLE = "role"
    STYLE = "style"
    EXAMPLES = "examples"
    TASK = "task"


FOLDERS: Mapping[Kind, Path] = {
    Kind.ROLE: Path(__file__).parent / "roles",
    Kind.STYLE: Path(__file__).parent / "styles",
    Kind.EXAMPLES: Path(__file__).parent / "examples",
    Kind.TASK: Path(__file__).parent / "tasks",
}

BUILT_IN: Mapping[Kind, frozenset[str]] = {
    Kind.ROLE: frozenset({"refusal"}),
    Kind.STYLE: frozenset({"refusal"}),
    Kind.EXAMPLES: frozenset({"refusal"}),
    Kind.TASK: frozenset({"refusal", "question", "documents"}),
}
"""Variables that need not be declared: they are filled by Docent."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Frozen):
    """A text in both languages; a plain text is taken for both."""

    en: str = ""
    ko: str = ""

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, given: Any) -> Any:
        if isinstance(given, str | int | float) and not isinstance(given, bool):
            return {"en": str(given), "ko": str(given)}
        return given

    def __getitem__(self, language: Language) -> str:
        return self.ko if language == "ko" else self.en

    def plain(self) -> str | dict[str, str]:
        """As it is written into a file."""
        return self.en if self.en == self.ko else {"en": self.en, "ko": self.ko}


class Variable(_Frozen):
    """What a part asks for: `default` None must be given, "" may be left out."""

    title: Words = Words()
    hint: Words = Words()
    default: Words | None = None


class Part(_Frozen):
    """A role, a style, a set of examples, or a task.

    Attributes:
        name: how it is chosen, unique among its kind.
        variables: name -> what is told of it; the texts use these and the built-in ones.
        examples: questions to try it with.
        text: what goes into the prompt.
        documents: of a task: how many documents it needs at least.
        without_model: of a task: what answers where no language model is set; "none" says that it needs one.
        version: of one that is kept in the database, from 1; None for the library and for drafts.
    """

    kind: Kind
    name: str
    title: Words = Words()
    description: Words = Words()
    variables: dict[str, Variable] = {}
    examples: tuple[Words, ...] = ()
    text: Words = Words()
    documents: int = Field(default=1, ge=1, le=5)
    without_model: Literal["summary", "comparison", "sentences", "none"] = "none"
    version: int | None = None

    @cached_property
    def hash(self) -> str:
        """Tells one content from another; the version is no part of it."""
        return hashlib.sha256(as_markdown(self).encode()).hexdigest()[:16]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("hash", None)  # it is of another content
        return copied

    def defaults(self, language: Language) -> dict[str, str]:
        return {
            name: one.default[language] for name, one in self.variables.items() if one.default is not None
        }

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """Variables that must be given and are not."""
        return [
            name
            for name, one in self.variables.items()
            if one.default is None and not values.get(name, "").strip()
        ]

    def filled(self, language: Language, values: Mapping[str, str], built_in: Mapping[str, str]) -> str:
        """The text for a language, its variables filled.

        Raises:
            ConfigurationError: a variable has neither a value nor a default; the message names it.
        """
        if missing := self.missing(values):
            raise ConfigurationError(
                f"The {self.kind} {self.name!r} needs a value for: {', '.join(missing)}. Give it in the "
                f"options of the chat, or on the command line with --set {missing[0]}=…",
                part=self.name,
                variables=", ".join(missing),
            )
        given = {name: value for name, value in values.items() if name in self.variables and value.strip()}
        return variables.fill(self.text[language], {**built_in, **self.defaults(language), **given})


_PARTING = re.compile(r"^---[ \t]*(?:\n|\Z)", re.MULTILINE)


# -- files -----------------------------------------------------------------------------------------------


def names(kind: Kind) -> tuple[str, ...]:
    """The parts of the library of this kind; the plain one that is chosen unless another is comes first."""
    found = sorted(path.stem for path in FOLDERS[kind].glob("*.md"))
    return tuple(sorted(found, key=lambda name: name not in ("default", "plain", "none")))


@cache
def load(kind: Kind, name: str) -> Part:
    """A part of the library.

    Raises:
        ConfigurationError: there is none of this name, or its file cannot be read.
    """
    if name not in names(kind):
        raise ConfigurationError(
            f"There is no {kind} {name!r} in the library. There are: {', '.join(names(kind))}."
        )
    try:
        return Part.model_validate(fields((FOLDERS[kind] / f"{name}.md").read_text(encoding="utf-8")))
    except (ValueError, ValidationError) as error:
        raise ConfigurationError(f"The {kind} {name!r} of the library cannot be read: {error}") from None


def fields(markdown: str) -> dict[str, Any]:
    """What a file says of a part, not yet checked.

    Raises:
        ValueError: it has no front matter, or that is no YAML.
    """
    parts = _PARTING.split(markdown.removeprefix("\ufeff").replace("\r\n", "\n"), 3)
    if len(parts) < 3 or parts[0].strip():
        raise ValueError("it has no front matter between two lines '---'")
    try:
        front = yaml.safe_load(parts[1]) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"its front matter is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(front, dict):
        raise ValueError("its front matter is no list of 'name: value' lines")
    texts = [part.strip() for part in parts[2:]]
    return {**front, "text": {"en": texts[0], "ko": texts[-1]}}


def parted(markdown: str) -> tuple[str, str]:
    """Of a file as `as_markdown` writes it, the front matter and the texts."""
    _, front, texts = _PARTING.split(markdown, 2)
    return front.strip(), texts.strip()


def as_markdown(part: Part) -> str:
    """The part as its file; `fields` reads it again."""
    front: dict[str, Any] = {"kind": str(part.kind), "name": part.name}
    front |= {"title": part.title.plain(), "description": part.description.plain()}
    if part.variables:
        front["variables"] = {name: _variable(one) for name, one in part.variables.items()}
    if part.examples:
        front["examples"] = [one.plain() for one in part.examples]
    if part.kind is Kind.TASK:
        front |= {name: getattr(part, name) for name in ("documents", "without_model")}
    texts = [part.text.en] if part.text.en == part.text.ko else [part.text.en, part.text.ko]
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)
    return "\n---\n".join(["---\n" + head.rstrip(), *texts]) + "\n"


def _variable(one: Variable) -> dict[str, Any]:
    said = {"title": one.title.plain(), "hint": one.hint.plain()}
    known: dict[str, Any] = {name: text for name, text in said.items() if text}
    return known if one.default is None else {**known, "default": one.default.plain()}
