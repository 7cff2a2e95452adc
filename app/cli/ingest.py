"""`docent ingest`: bring a collection in step with files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common

if TYPE_CHECKING:
    from app.schemas import IngestReport


def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders with all below them, and web addresses (https://…)."),
    ] = None,
    collection: common.Collection = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make the indexes anew from the catalogue; cached vectors are used."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    depth: Annotated[
        int,
        typer.Option(
            min=0, max=20, help="Of web addresses: how many links to follow, within host and folder."
        ),
    ] = 0,
    max_pages: Annotated[
        int, typer.Option(min=1, max=100_000, help="Of web addresses: how many pages at most.")
    ] = 200,
    as_json: common.AsJson = False,
) -> None:
    """Index PATHS: new files are added, changed ones replaced, and those gone from PATHS removed.

    Exit status: 0 all well; 1 some files failed, and the others are indexed; 2 wrong use or configuration.
    """
    if not paths and not rebuild:
        raise typer.BadParameter(
            "name a file or a folder, for example: python -m ingest ./docs", param_hint="PATH"
        )
    settings = common.settings(collection=collection)

    from app.cli.progress import show_progress
    from app.runtime import build
    from ingest.web import Site, is_url

    places = [Site.of(path, depth, max_pages) if is_url(path) else Path(path) for path in paths or []]
    with build(settings) as runtime, show_progress(quiet=as_json) as on_progress:
        report = runtime.ingest(places, rebuild=rebuild, dry_run=dry_run, on_progress=on_progress)
    if as_json:
        common.print_json(report.model_dump(mode="json"))
    else:
        _summarise(report, dry_run, settings.embedding_model)
    raise typer.Exit(1 if report.failed else 0)


def _summarise(report: IngestReport, dry_run: bool, model: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from ingest.fit import advice

    console = Console()
    title = f"Collection {report.collection}" + (" (dry run: nothing was changed)" if dry_run else "")
    table = Table(title=title)
    files = {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "failed": len(report.failed),
    }
    for name in files:
        table.add_column(name, justify="right")
    table.add_row(*(f"{number:,}" for number in files.values()))
    console.print(table)
    console.print(
        f"It holds {report.documents:,} documents, {report.chunks:,} chunks. {report.seconds:.1f} s."
    )
    for failure in report.failed:
        console.print(f"[red]failed[/] {escape(failure.path)}: {escape(failure.error)}", soft_wrap=True)
    if hint := advice(report.unread, model):
        console.print(f"[yellow]note[/] {escape(hint)}", soft_wrap=True)
