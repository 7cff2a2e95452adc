"""`docent extract`: one schema over a whole collection, as a table with evidence for each value."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import UsageError

if TYPE_CHECKING:
    from types import FrameType

    from app.language import Language
    from app.runtime import Runtime
    from app.tables import Report, Table
    from app.tables.extraction import Extraction

INTERRUPTED = 130
_WRITTEN = "written"


def command(
    schema: Annotated[
        str | None,
        typer.Option("--schema", "-s", metavar="NAME", help="What to look for; without it, list them."),
    ] = None,
    collection: common.Collection = None,
    outputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the table to .csv, .xlsx, .parquet, .jsonl or .sqlite; repeat it for more.",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="FIELD=VALUE",
            help="Only documents that match, such as folder=bills, type=pdf or after=2025-01-01; repeatable.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help='"provider:model", or "none" for rules without a model.'),
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would take, and ask about no document.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask about so many documents at most; the next run goes on.")
    ] = None,
    keep_unsupported: Annotated[
        bool,
        typer.Option("--keep-unsupported", help="Keep the model's values that stand nowhere, marked."),
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Ask about all documents anew; what was edited by hand stays.")
    ] = False,
    as_json: common.AsJson = False,
    force: common.Force = False,
) -> None:
    """Fill a table: a row for each document, or for each record in it, with evidence for each value.

    Documents that are new, changed, or failed before are asked about; all others are not. Exit status: 0 all
    well; 1 some documents failed, and the table has the others; 2 wrong use or configuration; 130 stopped.
    """
    settings = common.settings(collection=collection)

    from app.cli import extract_report
    from app.runtime import build

    with build(settings) as runtime:
        if schema is None:
            _check_alone(outputs, estimate)
            extract_report.overview(runtime, as_json=as_json)
            return
        extraction = _extraction(runtime, schema, where, model, keep_unsupported)
        targets = list(dict.fromkeys(outputs or ()))
        for target in targets:  # before anything is asked, which may cost time and money
            _check_target(target, extraction, force=force)
        ahead = extraction.estimate(rebuild=rebuild, limit=limit)
        if estimate:
            extract_report.tell_estimate(ahead, extraction, as_json=as_json)
            return
        if ahead.documents and not as_json:
            extract_report.announce(ahead, extraction)
        report = _run(extraction, rebuild=rebuild, limit=limit, quiet=as_json)
        if not report.stopped:
            _write(extraction, targets, _language(runtime))
        extract_report.tell(report, extraction, [] if report.stopped else targets, rebuild, as_json=as_json)
    raise typer.Exit(INTERRUPTED if report.stopped else 1 if report.failed else 0)


def _extraction(
    runtime: Runtime, schema: str, where: Sequence[str] | None, model: str | None, keep_unsupported: bool
) -> Extraction:
    from app.chat.retrieve.query import parse_filters

    filters = parse_filters(where, runtime.collection().fields) if where else {}
    return runtime.extraction(schema, where=filters, model=model, keep_unsupported=keep_unsupported)


def _check_alone(outputs: Sequence[Path] | None, estimate: bool) -> None:
    if outputs or estimate:
        raise UsageError("Say what to look for with --schema NAME. List the schemas: docent extract")


# -- running -------------------------------------------------------------------------------------------------


def _run(extraction: Extraction, *, rebuild: bool, limit: int | None, quiet: bool) -> Report:
    from app.cli.extract_progress import show_progress

    with _stopping(quiet=quiet) as cancelled, show_progress(quiet=quiet) as tell:
        return extraction.run(rebuild=rebuild, limit=limit, tell=tell, cancelled=cancelled)


@contextmanager
def _stopping(*, quiet: bool) -> Iterator[threading.Event]:
    """Set by Ctrl-C, so that answers under way, which are paid for, are kept; a second one ends at once."""
    cancelled = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()
        if not quiet:
            typer.echo("Stopping after the documents under way. Ctrl-C again ends at once.", err=True)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield cancelled
    finally:
        signal.signal(signal.SIGINT, before)


# -- files ---------------------------------------------------------------------------------------------------


def _check_target(target: Path, extraction: Extraction, *, force: bool) -> None:
    """A file that is there is replaced if an earlier run wrote it and nobody has changed it since."""
    from app.tables.exports import format_of

    format_of(target)
    if target.is_dir():
        raise UsageError(f"{str(target)!r} is a folder. Name a file in it with -o.")
    if not target.absolute().parent.is_dir():
        raise UsageError(f"The folder {str(target.absolute().parent)!r} is not there. Make it first.")
    if target.exists() and not force and _written(extraction).get(str(target.absolute())) != _hash(target):
        raise UsageError(
            f"The file {str(target)!r} is there already, and not as an earlier run wrote it. "
            "Name another one, or add --force."
        )


def _write(extraction: Extraction, targets: Sequence[Path], language: Language) -> None:
    from app.tables.exports import export, format_of

    if not targets:
        return
    written = _written(extraction)
    with extraction.tables.open(extraction.name) as table:
        for target in targets:
            export(table, target, format_of(target), language)
            written[str(target.absolute())] = _hash(target)
        table.note(**{_WRITTEN: json.dumps(written, ensure_ascii=False)})


def _written(extraction: Extraction) -> dict[str, str]:
    """Path of a file -> the hash that it had when it was written."""
    if extraction.name not in extraction.tables.names():
        return {}
    with extraction.tables.open(extraction.name) as table:
        return _noted(table)


def _noted(table: Table) -> dict[str, str]:
    return dict(json.loads(table.notes().get(_WRITTEN, "{}")))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _language(runtime: Runtime) -> Language:
    """Of the remarks in files: as set, else that of this machine."""
    import locale

    from app.ui.texts import browser_language

    chosen = runtime.settings.language
    return browser_language(locale.getlocale()[0]) if chosen == "auto" else chosen
