"""What all commands share: options, settings with logging, and JSON on standard output."""

from __future__ import annotations

import json
import logging
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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]


def settings(**overrides: object) -> Settings:
    """The settings with what the command line overrides, and logging set up by them."""
    from app.config import load_settings

    loaded = load_settings(**overrides)
    logging.basicConfig(level=loaded.log_level, format="%(levelname)s %(name)s: %(message)s")
    return loaded


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
