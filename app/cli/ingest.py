"""`docent ingest`: bring a collection in step with files and folders."""

from __future__ import annotations

import locale
import os
from enum import StrEnum
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.runtime import Runtime
    from app.schemas import IngestReport
    from ingest.web import Site


class Engine(StrEnum):
    LOCAL = "local"
    RAY = "ray"


def command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders with all below them, and web addresses (https://…)."),
    ] = None,
    collection: common.Collection = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="Make the indexes anew from the catalogue and the cached vectors, or for another embedding "
            "model; what is there serves until that is complete.",
        ),
    ] = False,
    restore: Annotated[
        bool,
        typer.Option("--restore", help="Go back to the state before the embedding model was last changed."),
    ] = False,
    forget_previous: Annotated[
        bool, typer.Option("--forget-previous", help="Delete the state that --restore would go back to.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Read only files that failed before, below PATHS or all.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Leave out what matches, as in .gitignore, such as '*.log' or drafts/; repeat it for more.",
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and index what changes below PATHS, until Ctrl-C.")
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
    engine: Annotated[
        Engine | None,
        typer.Option(help="Who reads and embeds: this machine, or a Ray cluster; else DOCENT_INGEST_ENGINE."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Of the Ray cluster; else DOCENT_RAY_ADDRESS, or one here."),
    ] = None,
    report_file: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE.html", help="Write a health report of the collection into this file."
        ),
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Index PATHS: new files are added, changed ones replaced, and those gone from PATHS removed.

    Exit status: 0 all well; 1 some files failed, and the others are indexed; 2 wrong use or configuration.
    """
    if restore or forget_previous:
        from app.cli.generations import change

        alone = not (paths or rebuild or dry_run or retry_failed or watch or (restore and forget_previous))
        change(common.settings(collection=collection), restore=restore, alone=alone, as_json=as_json)
        return
    if not paths and (watch or not (rebuild or retry_failed)):
        raise typer.BadParameter(
            "name a file or a folder, for example: python -m ingest ./docs", param_hint="PATH"
        )
    if report_file is not None:
        _check_report(report_file, without=watch or dry_run)
    settings = common.settings(collection=collection, ingest_engine=engine, ray_address=address)

    from app.cli.progress import show_progress
    from app.runtime import build
    from ingest.web import Site, is_url

    places = [Site.of(path, depth, max_pages) if is_url(path) else Path(path) for path in paths or []]
    with build(settings) as runtime:
        if watch:
            if rebuild or dry_run or retry_failed:
                raise typer.BadParameter("goes with --exclude and --collection alone", param_hint="--watch")
            _follow(places, runtime, exclude or (), as_json=as_json)
            return
        with show_progress(quiet=as_json) as on_progress:
            report = runtime.ingest(
                places,
                rebuild=rebuild,
                dry_run=dry_run,
                exclude=exclude or (),
                retry=() if retry_failed else None,
                on_progress=on_progress,
            )
        if report_file is not None:
            _write_report(runtime, report_file)
        _tell(report, runtime, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(1 if report.failed else 0)


def _check_report(path: Path, *, without: bool) -> None:
    """Say what is wrong with the file before a long run, and not after it."""
    if without:
        raise typer.BadParameter("goes neither with --watch nor with --dry-run", param_hint="--report")
    if path.is_dir():
        wrong = "is a folder: name a file in it, such as report.html"
    elif not path.absolute().parent.is_dir():
        wrong = "is in a folder that is not there: make that first"
    elif not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        wrong = "may not be written: name another file, or change its rights"
    else:
        return
    raise typer.BadParameter(f"{str(path)!r} {wrong}", param_hint="--report")


def _write_report(runtime: Runtime, path: Path) -> None:
    from app.ui.health_html import document
    from app.ui.texts import Texts, browser_language
    from ingest.health import health

    language = runtime.settings.language
    chosen = browser_language(locale.getlocale()[0]) if language == "auto" else language
    page = document(health(runtime.collection()), Texts(chosen))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The report {str(path)!r} cannot be written ({error.strerror}). The documents are indexed; run "
            "the same command again with another file after --report.",
            path=str(path),
        ) from error


def _tell(report: IngestReport, runtime: Runtime, *, dry_run: bool, as_json: bool) -> None:
    from app.cli import ingest_report

    if as_json:
        common.print_json(report.model_dump(mode="json"))
    elif dry_run:
        ingest_report.tell_plan(report)
    else:
        ingest_report.summarise(report, _findings(report, runtime))


def _findings(report: IngestReport, runtime: Runtime) -> list[str]:
    """What is worth a look; of a collection that did not change, only what each run says."""
    from app.ui.health_words import findings
    from app.ui.texts import Texts
    from ingest.fit import advice
    from ingest.health import health

    if report.added or report.updated or report.deleted:
        return list(findings(health(runtime.collection()), Texts("en")))
    hint = advice(report.unread, runtime.settings.embedding_model, report.collection)
    return [hint] if hint else []


def _follow(
    places: Sequence[Path | Site], runtime: Runtime, exclude: Sequence[str], *, as_json: bool
) -> None:
    """Ctrl-C is the usual end of this: nothing has failed then."""
    from app.cli.ingest_report import JsonRounds, Rounds
    from ingest.pipeline import follow

    folders = [place for place in places if isinstance(place, Path)]
    if len(folders) < len(places):
        raise typer.BadParameter("web addresses cannot be watched", param_hint="PATH")
    tell = JsonRounds() if as_json else Rounds()
    try:
        follow(
            folders,
            partial(runtime.ingest, folders, exclude=exclude, following=True),
            tell,
            never=runtime.settings.data_dir,
            stop=Event(),
        )
    except KeyboardInterrupt:
        tell.end()
