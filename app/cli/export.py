"""`docent export`: a conversation or one of its answers as Markdown, Word or PDF, or all of it as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import NotFoundError, StorageError, UsageError
from app.language import Language, detect_language

if TYPE_CHECKING:
    from app.config import Settings
    from app.export import Exported, Turn
    from app.history import Conversation, History

LAST = "last"
_LEAST_OF_AN_ID = 4
_JSON = "json"
_NONE = "There is no conversation yet. Those of the chat in the browser are kept: docent ui"


def command(
    conversation: Annotated[
        str, typer.Argument(help='Its id, or the beginning of it; "last" is the newest. --list shows them.')
    ] = LAST,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", help="md, docx, pdf or json; default: as the name of --output ends, else md."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Default: the title, in this folder."),
    ] = None,
    answer: Annotated[
        int | None, typer.Option("--answer", metavar="N", help="Only this answer, counted from 1.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All conversations, in one JSON file.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="List the conversations and export none.")] = False,
    as_json: common.AsJson = False,
    force: common.Force = False,
) -> None:
    """Export a conversation, or one answer, with a footnote for each source; or all of it, to be imported."""
    from app.export import one_of, turns_of
    from app.runtime import build

    settings = common.settings()
    with build(settings) as runtime:
        if listing:
            _list(runtime.history.conversations(), as_json=as_json)
            return
        kind = _JSON if everything and format is None and output is None else _format(format, output)
        if kind == _JSON:
            made = _archived(None if everything else conversation, runtime.history, answer)
            write(made, output if output is not None else Path(made.name), force=force, as_json=as_json)
            return
        if everything:
            raise UsageError("Only JSON holds all conversations: docent export --all -o FILE.json")
        found = _find(conversation, runtime.history)
        turns = turns_of(runtime.history.messages(found.id))
    if answer is not None:
        turns = [one_of(turns, answer)]
    title = found.title if answer is None else ""
    made = make(turns, kind, settings, title=title, collection=found.collection)
    target = output if output is not None else Path(made.name)
    write(made, target, force=force, as_json=as_json)


def _format(format: str | None, output: Path | None) -> str:
    from app.export import format_of, known

    named = format.lower().lstrip(".") if format else output.suffix.lower()[1:] if output else "md"
    if named == _JSON:
        return _JSON
    return known(named) if format or output is None else format_of(output)


def _archived(wanted: str | None, history: History, answer: int | None) -> Exported:
    """All of a conversation with every branch, or all conversations."""
    from app.export import Exported, suggested_name
    from app.transfer import write as archive

    if answer is not None:
        raise UsageError("JSON holds the whole conversation. Leave --answer out, or take another format.")
    found = history.conversations() if wanted is None else [_find(wanted, history)]
    title = found[0].title if wanted else "Docent"
    name = suggested_name(title, _JSON, detect_language(title))
    return Exported(archive([history.wholes.get(one.id) for one in found]), name, "application/json")


# -- what `docent ask --output` does, too --------------------------------------------------------------------


def check_target(target: Path, *, force: bool) -> None:
    """Raise UsageError where an export cannot be written to this file, or would take the place of another."""
    from app.export import format_of

    format_of(target)
    check_free(target, force=force)


def make(
    turns: Sequence[Turn], format: str, settings: Settings, *, title: str = "", collection: str = ""
) -> Exported:
    """The file, in the language that is set, else in that of the questions."""
    from app.export import export

    asked = " ".join(turn.question for turn in turns)
    language: Language = detect_language(asked) if settings.language == "auto" else settings.language
    return export(turns, format, language, title=title, collection=collection)


def write(made: Exported, target: Path, *, force: bool, as_json: bool = False) -> None:
    """Put the file there, and say where on the error stream, or as JSON."""
    check_free(target, force=force)
    put(made.data, target)
    if as_json:
        common.print_json({"file": str(target), "bytes": len(made.data), "mime": made.mime})
    else:
        typer.echo(f"Written: {common.one_line(str(target))}", err=True)


def put(data: bytes, target: Path) -> None:
    """Write a file at once: a full disk must not cost the one that was there.

    Raises:
        StorageError: it cannot be written.
    """
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise StorageError(
            f"The file {str(target)!r} cannot be written ({error.strerror or error}). "
            "Name another one with --output."
        ) from error


def check_free(target: Path, *, force: bool) -> None:
    """Raise UsageError where a file is in the way, or a folder."""
    if target.is_dir():
        raise UsageError(f"{str(target)!r} is a folder. Name a file with --output.")
    if target.exists() and not force:
        raise UsageError(f"The file {str(target)!r} is there already. Name another one, or add --force.")


# -- conversations -------------------------------------------------------------------------------------------


def _list(conversations: Sequence[Conversation], *, as_json: bool) -> None:
    if as_json:
        shown = {"id", "title", "collection", "updated"}
        common.print_json([one.model_dump(mode="json", include=shown) for one in conversations])
        return
    for one in conversations:
        moment = f"{one.updated.astimezone():%Y-%m-%d %H:%M}"
        typer.echo(f"{one.id}  {moment}  {common.one_line(one.title) or '–'}")
    if not conversations:
        typer.echo(_NONE, err=True)


def _find(wanted: str, history: History) -> Conversation:
    """By its id, by the beginning of it, or the newest."""
    conversations = history.conversations()
    if wanted == LAST and conversations:
        return conversations[0]
    found = [one for one in conversations if one.id == wanted] or [
        one for one in conversations if len(wanted) >= _LEAST_OF_AN_ID and one.id.startswith(wanted.lower())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} conversations have ids that begin with {wanted!r}. Write more of it.")
    if not conversations:
        raise NotFoundError(
            "There is no conversation yet. Those of the chat in the browser are kept: docent ui"
        )
    raise NotFoundError(f"There is no conversation {wanted!r}. List them: docent export --list")
