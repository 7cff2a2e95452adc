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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]


def settings(**overrides: object) -> Settings:
    """The settings with what the command line overrides, and logging set up by them."""
    from app.config import load_settings

    loaded = load_settings(**overrides)
    logging.basicConfig(level=loaded.log_level, format="%(levelname)s %(name)s: %(message)s")
    return loaded


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
