"""`docent database`: from the files of the data folder into PostgreSQL, and back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from app.config import Settings
    from app.history.moving import Copied
    from ingest.collection.moving import Moved

app = typer.Typer(
    help="Copy collections and conversations between the data folder and PostgreSQL.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_SECONDS_BETWEEN_LINES = 2.0

_Collections = Annotated[
    list[str] | None,
    typer.Option("--collection", "-c", help="Only this collection; repeat it for more. Default: all."),
]
_Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Where there is another collection of the same name, keep that one to be restored.",
    ),
]


@app.command("import")
def import_(
    collection: _Collections = None, replace: _Replace = False, as_json: common.AsJson = False
) -> None:
    """From the data folder into DOCENT_DATABASE_URL: nothing is embedded again, and the files stay."""
    settings = _settings()
    _move(_in_files(settings), settings, collection, replacing=replace, as_json=as_json)


@app.command("export")
def export(
    collection: _Collections = None, replace: _Replace = False, as_json: common.AsJson = False
) -> None:
    """From DOCENT_DATABASE_URL back into the data folder: the database stays as it is."""
    settings = _settings()
    _move(settings, _in_files(settings), collection, replacing=replace, as_json=as_json)


def _settings() -> Settings:
    settings = common.settings()
    if settings.database_url is None:
        raise ConfigurationError(
            "Set DOCENT_DATABASE_URL to the PostgreSQL database, such as "
            "postgresql://user:password@host:5432/docent: it is the other side of the data folder here."
        )
    return settings


def _in_files(settings: Settings) -> Settings:
    return settings.model_copy(update={"database_url": None})


def _move(
    source: Settings, target: Settings, names: list[str] | None, *, replacing: bool, as_json: bool
) -> None:
    from ingest.collection import list_collections
    from ingest.collection.moving import move

    tell = _Lines(quiet=as_json)
    moved = []
    for name in list_collections(source) if names is None else names:
        moved.append(move(name, source, target, replacing=replacing, tell=tell.of(name)))
        if not as_json:
            _tell_moved(moved[-1])
    copied = None if names else _conversations(source, target, tell)
    if as_json:
        conversations = None if copied is None else asdict(copied)
        common.print_json({"collections": [asdict(one) for one in moved], "conversations": conversations})
    elif copied is not None:
        _tell_copied(copied)


def _conversations(source: Settings, target: Settings, tell: _Lines) -> Copied | None:
    """None where they are in a database of their own, or there are none."""
    from app.history.moving import copy_conversations

    if source.history_url:
        return None
    places = _place(source), _place(target)
    if source.database_url is None and not _file(source).is_file():
        return None
    return copy_conversations(*places, tell.of("conversations"))


def _place(settings: Settings) -> tuple[str, str]:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value(), "DOCENT_DATABASE_URL"
    _file(settings).parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{_file(settings)}", "DOCENT_DATA_DIR"


def _file(settings: Settings) -> Path:
    return settings.data_dir.resolve() / "conversations.sqlite"


def _tell_moved(moved: Moved) -> None:
    held = f"{moved.rows['documents']:,} documents, {moved.rows['chunks']:,} chunks"
    if moved.was_there:
        typer.echo(f"{moved.collection}: is there already, and equal ({held}).")
    elif moved.complete:
        typer.echo(f"{moved.collection}: {held}, compared row by row, and both indexes made.")
    else:
        typer.echo(
            f"{moved.collection}: {held}, compared row by row; to complete what was begun there, run: "
            f"python -m ingest PATH --collection {moved.collection}"
        )


def _tell_copied(copied: Copied) -> None:
    added, differing = copied.added, sum(copied.differing.values())
    held = f"{added['conversations']:,} with {added['messages']:,} messages added and compared"
    left = f"; {differing:,} rows were there and are other ones by now: left as they are" if differing else ""
    typer.echo(f"Conversations: {held}{left}.")


class _Lines:
    """Progress as plain lines on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._last = 0.0

    def of(self, what: str) -> Callable[[str, int, int], None]:
        def tell(step: str, done: int, total: int) -> None:
            if not self._quiet and time.monotonic() - self._last > _SECONDS_BETWEEN_LINES:
                self._last = time.monotonic()
                typer.echo(f"{what}: {step} {done:,} of {total:,}", err=True)

        return tell
