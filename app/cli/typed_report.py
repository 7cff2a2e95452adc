"""A typed answer on the command line: its values, what each stands on, and why some are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from app.cli import common
from app.language import Language, detect_language

if TYPE_CHECKING:
    from app.schemas import Answer, FieldEvidence

_MARKS: dict[str, str] = {"supported": "", "partly": " ~", "not supported": " ?"}


def show(answer: Answer) -> None:
    """A line for each value, indented as the object is; nothing for an answer in words."""
    if answer.typed is None:
        return
    proofs = {one.path: one for one in answer.evidence}
    for line in _lines(answer.typed, proofs, detect_language(answer.question)):
        typer.echo(line)


def _lines(
    value: Any, proofs: dict[str, FieldEvidence], language: Language, path: str = "", indent: str = ""
) -> Iterator[str]:
    named = value.items() if isinstance(value, dict) else ((f"{n + 1}", one) for n, one in enumerate(value))
    for n, (name, one) in enumerate(named):
        here = f"{path}.{name if isinstance(value, dict) else n}".lstrip(".")
        label = f"{indent}{common.one_line(str(name))}{':' if isinstance(value, dict) else '.'}"
        if isinstance(one, dict | list) and one:
            yield label
            yield from _lines(one, proofs, language, here, f"{indent}  ")
        else:
            yield f"{label} {_said(one, proofs.get(here), language)}"


def _said(value: Any, proof: FieldEvidence | None, language: Language) -> str:
    """The value, the number of its source, and the reasons where it is not simply supported."""
    from prompts import reason_text

    shown = "–" if value is None or value in ([], {}) else common.one_line(str(value))
    if proof is None:
        return shown
    source = f" [{proof.citation.n}]" if proof.citation else ""
    why = " ".join(common.one_line(reason_text(one, language)) for one in proof.reasons)
    mark = _MARKS[proof.support.value] if value is not None else ""
    return f"{shown}{source}{mark}" + (f"  ({why})" if why else "")
