"""`docent feedback`: what people thought of answers, listed, and written as data sets for tuning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli import common
from app.cli.export import check_free, put

if TYPE_CHECKING:
    from app.history import Rating

app = typer.Typer(
    help="List what people thought of answers, or write it as a data set.", no_args_is_help=True
)

_NONE = "Nothing was rated yet. The thumbs below each answer are in the browser: docent ui"
_SIGNS = {"good": "+", "bad": "-", None: " "}


@app.command("list")
def list_ratings(as_json: common.AsJson = False) -> None:
    """List the rated answers, the newest first."""
    from app.runtime import build

    with build(common.settings()) as runtime:
        ratings = runtime.history.feedback.all()
        answers = {one.id: one.content for one in runtime.history.load([one.message_id for one in ratings])}
    if as_json:
        common.print_json(
            [rating.model_dump(mode="json") | {"answer": answers[rating.message_id]} for rating in ratings]
        )
        return
    for rating in ratings:
        typer.echo(_line(rating, answers[rating.message_id]))
    if not ratings:
        typer.echo(_NONE, err=True)


def _line(rating: Rating, answer: str) -> str:
    said = [rating.reason, common.one_line(rating.words), "corrected" if rating.correction else ""]
    about = "; ".join(filter(None, said))
    day = f"{rating.changed.astimezone():%Y-%m-%d %H:%M}"
    return f"{_SIGNS[rating.verdict]} {day}  {common.one_line(answer)[:80]}{f'  ({about})' if about else ''}"


@app.command("export")
def export(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A file of JSON lines.")],
    format: Annotated[
        Literal["dpo", "sft", "kto"],
        typer.Option("--format", help="dpo: pairs; sft: good answers; kto: answers with a label."),
    ] = "dpo",
    conversational: Annotated[
        bool, typer.Option("--conversational", help="Lists of messages in place of plain texts.")
    ] = False,
    force: common.Force = False,
) -> None:
    """Write the ratings in a layout of TRL."""
    from app.runtime import build
    from app.tuning import cases, write

    check_free(output, force=force)
    with build(common.settings()) as runtime:
        data, count = write(cases(runtime.history), format, conversational=conversational)
    put(data, output)
    typer.echo(f"Written: {common.one_line(str(output))} ({count} examples)", err=True)
