"""All schemas on one shelf: shipped ones, Python classes, a folder of files, and people's own."""

from __future__ import annotations

import difflib
import logging
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.answers.schemas import files, python_classes
from app.answers.schemas.checking import Checked, check, check_text
from app.answers.schemas.cited import CitedAnswer
from app.answers.schemas.definition import Definition, as_yaml, plain
from app.answers.schemas.problems import Problem, Refused, problem_text
from app.answers.schemas.schema import Schema
from app.errors import ConfigurationError, NotFoundError, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from app.config import Settings
    from app.history import OwnSchemas

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something on the shelf that is no schema.

    Attributes:
        where: its file, module or name.
        problems: what is wrong with it.
    """

    where: str
    problems: tuple[Problem, ...]


class SchemaShelf:
    """Finds schemas by name; keeps people's own. What is broken takes nothing else down.

    Args:
        settings: name modules and a folder; None for neither.
        own: None is a shelf on which nothing can be kept.
    """

    def __init__(self, settings: Settings | None = None, own: OwnSchemas | None = None) -> None:
        self._modules = () if settings is None else _names(settings.schemas)
        self._folder = None if settings is None else settings.schema_dir
        self._own = own

    def all(self) -> list[Schema]:
        """Each name once, in the order of their sources."""
        return [one for one in self._found() if isinstance(one, Schema)]

    def unusable(self) -> list[Unusable]:
        """What is on the shelf and cannot be used, with the reasons."""
        return [one for one in self._found() if isinstance(one, Unusable)]

    def find(self, reference: str) -> Schema:
        """The schema of this name, class or title; `name@3` is a version of one's own.

        Raises:
            UsageError: there is none; the message names those that there are.
        """
        wanted = _folded(reference)
        if (version := self._version(reference)) is not None:
            return version
        there = self.all()
        for called in (_name, _class, _titles):
            if found := next((one for one in there if wanted in called(one)), None):
                return found
        for one in self.unusable():
            if wanted in (_folded(one.where), _folded(Path(one.where).stem)):
                raise UsageError(f"The schema {reference!r} cannot be used. {told(one)}", schema=reference)
        names = [one.name for one in there]
        close = difflib.get_close_matches(wanted, names, 1)
        guess = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(
            f"There is no schema {reference!r}.{guess} Known ones are: {', '.join(names)}.",
            schema=reference,
            schemas=", ".join(names),
        )

    # -- people's own ----------------------------------------------------------------------------

    def check(self, given: Mapping[str, Any], kept: str = "") -> Checked:
        """As `checking.check`, and that the name is free.

        Args:
            kept: the name of one's own schema that is edited.
        """
        definition, problems = check(given)
        name = str(given.get("name", ""))
        taken = next((one for one in self.all() if _name(one) == {_folded(name)}), None)
        if taken is None or _folded(name) == _folded(kept):
            return definition, problems
        return None, (_taken(taken, name), *problems)

    def save(self, definition: Definition) -> Schema:
        """Keep a definition as the next version of its name.

        Raises:
            UsageError: something is wrong with it, or its name is that of another schema.
            ConfigurationError: nothing can be kept on this shelf.
        """
        if self._own is None:
            raise ConfigurationError("Schemas of one's own are kept with conversations; there are none here.")
        _, problems = check(plain(definition))
        others = [one for one in self._others() if _name(one) == {_folded(definition.name)}]
        problems += tuple(_taken(one, definition.name) for one in others)
        if problems:
            raise UsageError("\n".join(problem_text(one, "en") for one in problems), schema=definition.name)
        kept = self._own.save(definition.name, as_yaml(definition))
        return Schema.of(definition, "own", version=kept.version)

    def versions(self, name: str) -> list[Schema]:
        """All versions of one's own schema, the newest first."""
        kept = [] if self._own is None else self._own.versions(name)
        found = (_kept(one.content, one.name, one.version) for one in kept)
        return [one for one in found if one is not None]

    def _version(self, reference: str) -> Schema | None:
        """A version that is named may be of a deleted schema: answers were made with it."""
        name, at, version = unicodedata.normalize("NFC", reference.strip()).rpartition("@")
        if self._own is None or not at or not version.isdecimal() or len(version) > 9:
            return None
        try:
            found = self._own.get(name, int(version))
        except NotFoundError:
            return None
        return _kept(found.content, found.name, found.version)

    # -- all sources -----------------------------------------------------------------------------

    def _found(self) -> Iterator[Schema | Unusable]:
        """Of two with one name the first; the other is told of."""
        first: dict[str, Schema] = {}
        for one in (*self._others_and_broken(), *self._of_people()):
            if isinstance(one, Unusable):
                yield one
            elif (known := first.get(_folded(one.name))) is not None:
                yield Unusable(one.where or one.name, (_taken(known, one.name),))
            else:
                first[_folded(one.name)] = one
                yield one

    def _others(self) -> list[Schema]:
        return [one for one in self._others_and_broken() if isinstance(one, Schema)]

    def _others_and_broken(self) -> Iterator[Schema | Unusable]:
        yield cited_answer()
        yield from files.shipped()
        for module in self._modules:
            yield from _of_module(module)
        if self._folder is not None:
            yield from _of_folder(self._folder)

    def _of_people(self) -> Iterator[Schema | Unusable]:
        for one in () if self._own is None else self._own.latest():
            found = _kept(one.content, one.name, one.version)
            yield found or Unusable(one.name, (Problem(code="own_unread"),))


@cache
def cited_answer() -> Schema:
    """The answer in words as an object."""
    return Schema(
        "cited_answer",
        CitedAnswer,
        titles={"en": "Answer with confidence", "ko": "확신도를 단 답변"},
        description=CitedAnswer.__doc__ or "",
        descriptions={
            "en": "An answer in words, with its sources and how sure it is.",
            "ko": "출처와 확신하는 정도를 함께 담은 글 답변입니다.",
        },
    )


def told(unusable: Unusable) -> str:
    """What is wrong, in English, a line for each problem."""
    return "\n".join(f"{unusable.where}: {problem_text(one, 'en')}" for one in unusable.problems)


@lru_cache(maxsize=64)
def _of_module(module: str) -> tuple[Schema | Unusable, ...]:
    """Once a process, as modules are imported once: also one that fails is not run again."""
    try:
        offered = python_classes.classes(module)
    except Refused as error:
        return (Unusable(module, (error.problem,)),)
    return tuple(_of_class(model, f"{module}:{model.__name__}") for model in offered)


def _of_class(model: type[BaseModel], where: str) -> Schema | Unusable:
    try:
        return python_classes.schema_of(model, where=where)
    except Refused as error:
        return Unusable(where, (error.problem,))


def _of_folder(folder: Path) -> Iterator[Schema | Unusable]:
    try:
        found = files.schema_files(folder)
    except (Refused, OSError) as error:
        why = str(getattr(error, "strerror", "") or error)
        problem = getattr(error, "problem", None) or Problem(code="file_unread", values={"why": why})
        yield Unusable(str(folder), (problem,))
        return
    for path in found[: files.MOST_FILES]:
        schema, problems = files.schema_of(path)
        yield schema or Unusable(str(path), problems)
    if len(found) > files.MOST_FILES:
        limit = Problem(code="files_many", values={"limit": str(files.MOST_FILES)})
        yield Unusable(str(folder), (limit,))


@lru_cache(maxsize=256)
def _kept(content: str, name: str, version: int) -> Schema | None:
    """None for one that a newer Docent has written, or that somebody changed in the database."""
    definition, problems = check_text(content, name)
    if definition is None or definition.name != name:
        _log.warning("The schema %r cannot be used: %s", name, problems)
        return None
    return Schema.of(definition, "own", version=version)


def _taken(by: Schema, name: str) -> Problem:
    values = {"name": name, "where": by.where or by.source, "instead": f"my {name}"}
    return Problem(code="schema_name_taken", part="name", values=values)


def _names(modules: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (name.strip() for name in modules.split(",")))))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _name(schema: Schema) -> set[str]:
    return {_folded(schema.name)}


def _class(schema: Schema) -> set[str]:
    return {_folded(schema.model.__name__)}


def _titles(schema: Schema) -> set[str]:
    return {_folded(one) for one in schema.titles.values() if one}
