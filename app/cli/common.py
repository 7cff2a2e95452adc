"""What all commands share: options, settings with logging, and JSON on standard output."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.config import Settings

Collection = Annotated[
    str | None, typer.Option("--collection", "-c", help="Which collection; default: DOCENT_COLLECTION.")
]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        "-f",
        metavar="FIELD=VALUE",
        help="Only passages that match, such as source=handbook.pdf, folder=hr, type=pdf, page=3 or "
        "after=2025-01-01; repeat it for more.",
    ),
]
# What would move the cursor, colour the screen or turn the direction of reading: terminals obey it.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")]


def settings(**overrides: object) -> Settings:
    """The settings with what the command line overrides, and logging set up by them."""
    from app.config import load_settings

    loaded = load_settings(**overrides)
    logging.basicConfig(level=loaded.log_level, format="%(levelname)s %(name)s: %(message)s")
    return loaded


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def tame(text: str) -> str:
    """Text of a document, a file's name or a model, in which nothing speaks to the terminal."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """The same in one line."""
    return tame(" ".join(text.split()))


def shown(text: str) -> str:
    """The same for `Console.print`, with nothing in it that would be read as mark-up."""
    from rich.markup import escape

    return escape(one_line(text))
