"""What the commands say of a collection's generations: restored, forgotten, or half-built."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from app.cli import common

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.collection import Collection


def change(settings: Settings, *, restore: bool, alone: bool, as_json: bool) -> None:
    """`--restore` and `--forget-previous`, which go without any other work."""
    if not alone:
        option = "--restore" if restore else "--forget-previous"
        raise typer.BadParameter("goes with --collection and --json alone", param_hint=option)
    from app.runtime import build

    with build(settings) as runtime:
        kept = runtime.restore() if restore else runtime.forget_previous()
    if as_json:
        done = "restored" if restore else "forgotten"
        common.print_json({"collection": settings.collection, done: asdict(kept)})
    elif restore:
        typer.echo(_restored(settings, kept.embedding, kept.embedding_name, kept.backend))
    else:
        typer.echo(f"Deleted the vectors of {kept.embedding}: {kept.size / 1e6:,.1f} MB.")


def _restored(settings: Settings, label: str, name: str, backend: str) -> str:
    said = f"The collection {settings.collection!r} serves vectors of {label} again."
    if backend and backend != settings.vector_backend:
        said += f" Its vectors lie in {backend}: set DOCENT_VECTOR_BACKEND={backend}."
    if name != settings.embedding_model:
        said += f" Set DOCENT_EMBEDDING_MODEL={name} before you index further."
    return f"{said} Index your folders once more to take up what changed meanwhile."


def half_built(name: str, collection: str) -> str:
    """A rebuild that did not come to its end."""
    return (
        f"The vectors for DOCENT_EMBEDDING_MODEL={name} are half made, and the old ones serve. "
        f"To go on, set that and run: {_rebuild(collection)}"
    )


def _rebuild(collection: str) -> str:
    return f"python -m ingest --rebuild --collection {collection}"


def notes(collection: Collection, settings: Settings) -> list[str]:
    """What is to be known of a collection's generations and of settings that it does not follow yet."""
    from ingest.collection import beside

    said = []
    name, backend = collection.embedding_name, collection.backend
    if name and name != settings.embedding_model:
        said.append(
            f"Questions are answered with the vectors of {name}, until they are made anew for "
            f"DOCENT_EMBEDDING_MODEL={settings.embedding_model} by: {_rebuild(collection.name)}"
        )
    if backend and backend != settings.vector_backend:
        said.append(
            f"The vectors lie in {backend}, and DOCENT_VECTOR_BACKEND={settings.vector_backend}: set that to "
            f"{backend}, or move them by: docent migrate --to {settings.vector_backend} "
            f"--collection {collection.name}"
        )
    kept = beside(collection.name, settings)
    if kept.next is not None and kept.next.moving:
        said.append(
            f"A move to {kept.next.backend} was not ended ({kept.next.size / 1e6:,.1f} MB so far). It goes "
            f"on with: docent migrate --to {kept.next.backend} --collection {collection.name}"
        )
    elif kept.next is not None:
        said.append(
            f"{half_built(kept.next.embedding_name, collection.name)} ({kept.next.size / 1e6:,.1f} MB so far)"
        )
    if kept.previous is not None:
        said.append(
            f"Kept to go back to with --restore: vectors of {kept.previous.embedding} in "
            f"{kept.previous.backend}, "
            f"{kept.previous.size / 1e6:,.1f} MB (--forget-previous deletes them)"
        )
    return said
