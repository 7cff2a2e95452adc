"""`docent import`: conversations out of files, our own and those of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from app.transfer import Imported


def command(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="JSON or Markdown of docent export, conversations.json of ChatGPT, chats of Open WebUI.",
            show_default=False,
        ),
    ],
    as_json: common.AsJson = False,
) -> None:
    """Import conversations. Those that are there already, word for word, are not added again."""
    from app.runtime import build
    from app.transfer import add, read

    found = [whole for file in files for whole in read(file.name, _bytes(file))]
    with build(common.settings()) as runtime:
        imported = add(runtime.history, found, runtime.settings.collection)
    _tell(imported, as_json=as_json)


def _bytes(file: Path) -> bytes:
    from app.transfer import LARGEST_MB

    if not file.is_file():
        raise NotFoundError(f"There is no file {str(file)!r}.")
    if file.stat().st_size > LARGEST_MB * 1_000_000:
        raise UsageError(f"{str(file)!r} has more than {LARGEST_MB} MB. Split it.")
    return file.read_bytes()


def _tell(imported: Imported, *, as_json: bool) -> None:
    if as_json:
        kinds = {"added": imported.added, "known": imported.known}
        common.print_json(
            {name: [{"id": c.id, "title": c.title} for c in chats] for name, chats in kinds.items()}
        )
        return
    for made in imported.added:
        typer.echo(f"{made.id}  {common.one_line(made.title) or '–'}")
    known = f"; there already: {len(imported.known)}" if imported.known else ""
    typer.echo(f"Imported: {len(imported.added)}{known}", err=True)
