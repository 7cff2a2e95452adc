"""`docent migrate`: move a collection into another backend, go back, or look whether all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.comparison import Compared
    from ingest.migration import Migrated, OnProgress

_PHASES = {"vectors": "vectors", "words": "words", "compare": "comparing"}


def command(
    to: Annotated[
        str | None, typer.Option("--to", metavar="BACKEND", help="Where to: chroma, faiss, …; see the docs.")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="With --to: read every vector back before the switch. Alone: hold what serves against the "
            "catalogue.",
        ),
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Let what served before the last move serve again.")
    ] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Delete what --undo would go back to.")] = False,
    collection: common.Collection = None,
    as_json: common.AsJson = False,
) -> None:
    """Copy the vectors and words of a collection into another BACKEND, without embedding, and switch to it.

    The copy is made beside what serves, compared with it (counts, ids, 100 searches by vector and by word),
    and serves only if they agree. A move that was stopped goes on with the same command. What served before
    is kept until --confirm.

    Exit status: 0 all well; 1 what serves does not agree with the catalogue; 2 nothing was switched.
    """
    if sum((to is not None, undo, confirm)) > 1 or ((undo or confirm) and verify):
        raise typer.BadParameter("one of --to, --undo, --confirm and --verify at a time", param_hint="--to")
    settings = common.settings(collection=collection)
    if undo or confirm:
        from app.cli.generations import change

        change(settings, restore=undo, alone=True, as_json=as_json)
    elif to is not None:
        _move(settings, to, thorough=verify, as_json=as_json)
    elif verify:
        _verify(settings, as_json=as_json)
    else:
        raise typer.BadParameter("name a backend, for example: docent migrate --to faiss", param_hint="--to")


def _move(settings: Settings, to: str, *, thorough: bool, as_json: bool) -> None:
    from ingest.migration import migrate

    with _progress(quiet=as_json) as on_progress:
        done = migrate(settings.collection, settings, to, thorough=thorough, on_progress=on_progress)
    if as_json:
        common.print_json({"collection": settings.collection} | asdict(done))
        return
    for line in _moved(settings, done):
        typer.echo(line)


def _moved(settings: Settings, done: Migrated) -> Iterator[str]:
    name = settings.collection
    yield f"The collection {name!r} is in {done.backend} now, and was in {done.before}."
    yield from _compared(done.compared)
    if settings.vector_backend != done.backend:
        yield (
            f"Set DOCENT_VECTOR_BACKEND={done.backend}: new collections and --rebuild go by it. This one "
            "stays where it is."
        )
    yield f"What is in {done.before} is kept. To go back: docent migrate --undo --collection {name}"
    yield f"When all is well, delete it: docent migrate --confirm --collection {name}"


def _verify(settings: Settings, *, as_json: bool) -> None:
    from ingest.migration import verify

    with _progress(quiet=as_json) as on_progress:
        compared = verify(settings.collection, settings, on_progress=on_progress)
    problems = compared.problems()
    if as_json:
        common.print_json(
            {"collection": settings.collection, "problems": problems, "compared": asdict(compared)}
        )
    else:
        for line in _compared(compared):
            typer.echo(line)
        for problem in problems:
            typer.echo(f"Wrong: {problem}.", err=True)
        if problems:
            typer.echo(
                f"Mend it with: python -m ingest --rebuild --collection {settings.collection}", err=True
            )
    raise typer.Exit(1 if problems else 0)


def _compared(compared: Compared) -> Iterator[str]:
    yield (
        f"{compared.chunks:,} chunks; {compared.vectors:,} vectors read back, off by at most "
        f"{compared.off:.1e}; {compared.searches} searches: {compared.neighbours:.1%} of the nearest found "
        f"by vector, {compared.words:.1%} as expected by words."
    )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[OnProgress | None]:
    """A bar on standard error; at most a line in ten seconds where that is no terminal."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield _told(bar.add_task, bar.update)


def _told(add: Callable[..., object], update: Callable[..., None]) -> OnProgress:
    task = add("vectors", total=None)

    def tell(phase: str, done: int, total: int) -> None:
        update(task, description=_PHASES[phase], completed=done or None, total=total or None)

    return tell
