"""`docent replay`: a kept answer made again from its record, and what changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import NotFoundError, UsageError
from app.language import detect_language

if TYPE_CHECKING:
    from rich.console import Console

    from app.history import History, Message
    from app.reproduce import Comparison
    from app.schemas import Answer

LAST = "last"
_LEAST_OF_AN_ID = 4
_SIGNS = {"same": "=", "changed": "≠", "unknown": "?"}
_STYLES = {"removed": "red strike", "added": "green underline", "same": ""}
_BRACKETS = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}


def command(
    message: Annotated[
        str,
        typer.Argument(
            metavar="MESSAGE_ID",
            help='Id of an answer, or the beginning of it, as its details show it; "last" is the newest.',
        ),
    ] = LAST,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the new answer beside the old one in its conversation.")
    ] = False,
    as_json: common.AsJson = False,
) -> None:
    """Make a kept answer again: same question, model, sampling and seed; tell what differs, and why."""
    from app.chat.pipeline import last_answer
    from app.reproduce import compare, recorded
    from app.runtime import build

    settings = common.settings()
    with build(settings) as runtime:
        found = _find(message, runtime.history)
        was = recorded(runtime.history, found.id)
        if found.answer is None:
            raise UsageError(f"The message {found.id!r} has no finished answer to be made again.")
        answer = last_answer(runtime.repeat(found.id))
        kept = _keep(found, answer, runtime.history) if keep else None
    assert answer.trace is not None  # noqa: S101 - every answer that was just made has one
    outcome = compare(found.answer, answer, was, answer.trace)
    if as_json:
        _print_json(found, answer, kept, outcome)
    else:
        _print(found.answer, answer, outcome)


def _keep(found: Message, answer: Answer, history: History) -> str:
    from app.schemas import Role

    made = history.append(
        found.conversation_id,
        Role.ASSISTANT,
        answer.answer,
        parent_id=found.parent_id,
        record=answer,
        shown=False,
    )
    return made.id


def _find(wanted: str, history: History) -> Message:
    """An answer by its id, by the beginning of it, or the newest."""
    if wanted == LAST:
        ids = history.traces.newest(1)
        if not ids:
            raise NotFoundError("No answer with a record is kept yet. Ask in the browser first: docent ui")
        return history.message(ids[0])
    ids = history.traces.beginning_with(wanted.lower()) if len(wanted) >= _LEAST_OF_AN_ID else []
    if len(ids) > 1 and wanted not in ids:
        raise UsageError(f"{len(ids)} answers have ids that begin with {wanted!r}. Write more of it.")
    if not ids:
        raise NotFoundError(
            f"There is no answer {wanted!r} with a record. Its id is among its details in the browser."
        )
    return history.message(wanted if wanted in ids else ids[0])


def _print_json(found: Message, answer: Answer, kept: str | None, outcome: Comparison) -> None:
    from app.worddiff import word_diff

    before = found.answer.answer if found.answer else ""
    common.print_json(
        {
            "message": found.id,
            "kept": kept,
            "before": before,
            "after": answer.answer,
            **outcome.model_dump(mode="json"),
            "diff": [{"kind": part.kind, "text": part.text} for part in word_diff(before, answer.answer)],
            "answer": answer.model_dump(mode="json"),
        }
    )


def _print(before: Answer, after: Answer, outcome: Comparison) -> None:
    from rich.console import Console
    from rich.text import Text

    from prompts.changes import change_text

    console = Console(highlight=False, markup=False, soft_wrap=True)
    _print_diff(console, before.answer, after.answer)
    console.print()
    language = detect_language(after.question)
    for one in outcome.findings:
        told = common.one_line(change_text(one.code, one.values, language))
        console.print(Text(f"{_SIGNS[one.state]} {told}", style="bold" if one.state == "changed" else "dim"))


def _print_diff(console: Console, before: str, after: str) -> None:
    """Both answers as one text; without colours by brackets, as in word-diffs of other tools."""
    from rich.text import Text

    from app.worddiff import word_diff

    text = Text()
    for part in word_diff(before, after):
        opened, closed = _BRACKETS[part.kind]
        text.append(f"{opened}{common.tame(part.text)}{closed}", style=_STYLES[part.kind])
    console.print(text)
