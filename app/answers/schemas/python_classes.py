"""Schemas that are pydantic classes in modules of one's own: `DOCENT_SCHEMAS=package.module[,other]`."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel
from pydantic.errors import PydanticUserError

from app.answers.schemas.definition import DEEPEST, MOST_FIELDS
from app.answers.schemas.fields import Field
from app.answers.schemas.problems import Problem, Refused
from app.answers.schemas.schema import Schema

_importing = threading.Lock()


def classes(module: str) -> list[type[BaseModel]]:
    """The classes that a module offers: those of its `__all__`, else those that are defined in it.

    Raises:
        Refused: it cannot be imported, or has none.
    """
    try:
        with _importing, _working_directory():
            found = import_module(module)
    except Exception as error:  # noqa: BLE001 - a module of somebody's own may fail in any way
        why = f"{type(error).__name__}: {error}"
        raise Refused(Problem(code="module", values={"why": " ".join(why.split())[:300]})) from None
    offered = list(_offered(found))
    if not offered:
        raise Refused(Problem(code="module_empty"))
    return offered


def schema_of(model: type[BaseModel], source: str = "python", where: str = "") -> Schema:
    """A class as a schema; its name in small letters, `MyInvoice` is `my_invoice`.

    Raises:
        Refused: no JSON Schema can be made of it, or one without end.
    """
    try:
        described = model.model_json_schema()
    except (PydanticUserError, NotImplementedError, RecursionError) as error:
        why = " ".join(str(error).split())[:300]
        raise Refused(Problem(code="class_odd", values={"why": why})) from None
    if (ref := _circle(described)) is not None:
        raise Refused(Problem(code="recursion", values={"ref": ref}))
    title = described.get("x-title")
    made = Schema(
        name=snake(model.__name__),
        model=model,
        titles=title if isinstance(title, dict) else {},
        description=str(described.get("description", "")),
        source=source,
        many=described.get("x-many") is True,
        where=where,
    )
    if _count(made.fields) > MOST_FIELDS:
        raise Refused(Problem(code="fields_many", values={"limit": str(MOST_FIELDS)}))
    return made


def snake(name: str) -> str:
    """`MyInvoice` and `VATInvoice` as `my_invoice` and `vat_invoice`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _offered(module: ModuleType) -> Iterator[type[BaseModel]]:
    named = getattr(module, "__all__", None)
    for name in vars(module) if named is None else named:
        one = getattr(module, name, None)
        if not isinstance(one, type) or not issubclass(one, BaseModel) or one is BaseModel:
            continue
        if named is not None or one.__module__ == module.__name__:
            yield one


@contextmanager
def _working_directory() -> Iterator[None]:
    """Modules that lie where Docent was started are found, after all others."""
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.append(here)
    try:
        yield
    finally:
        if added and here in sys.path:
            sys.path.remove(here)


def _circle(described: object) -> str | None:
    """A definition that leads to itself, if there is one."""
    definitions = described.get("$defs", {}) if isinstance(described, dict) else {}
    leads = {name: set(_references(one)) for name, one in definitions.items()}
    for name in leads:
        reached, ahead = set[str](), set(leads[name])
        while ahead:
            one = ahead.pop()
            reached.add(one)
            ahead |= leads.get(one, set()) - reached
        if name in reached:
            return f"#/$defs/{name}"
    return None


def _references(given: object) -> Iterator[str]:
    if isinstance(given, dict):
        if isinstance(given.get("$ref"), str):
            yield given["$ref"].rsplit("/", 1)[-1]
        for one in given.values():
            yield from _references(one)
    elif isinstance(given, list):
        for one in given:
            yield from _references(one)


def _count(fields: tuple[Field, ...], depth: int = 0) -> int:
    if depth > DEEPEST:
        raise Refused(Problem(code="nested_deep", values={"limit": str(DEEPEST)}))
    return len(fields) + sum(_count(field.fields, depth + 1) for field in fields)
