"""What `docent extract` says: what there is, what a run would take, and what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.cli import common
from app.cli.extract_progress import duration

if TYPE_CHECKING:
    from app.answers.schemas.schema import Schema
    from app.runtime import Runtime
    from app.tables import Report, Table
    from app.tables.estimate import Estimate
    from app.tables.extraction import Extraction

_MOST_FAILURES, _MOST_CONFLICTS, _MOST_FIELDS = 10, 10, 8
_NO_TABLE = "No table was made yet. Make one: docent extract --schema NAME -o out.xlsx"
_BASES = {
    "measured": "as fast as before",
    "sample": "from a few documents",
    "assumed": "if the model is of usual speed",
}


def overview(runtime: Runtime, *, as_json: bool) -> None:
    """The schemas that there are, and the tables that were made."""
    schemas = [_schema(one) for one in runtime.schemas.all()]
    tables = [_table(one) for one in runtime.tables.each()]
    if as_json:
        common.print_json({"schemas": schemas, "tables": tables})
        return
    typer.echo("Schemas, for --schema NAME:")
    for one in schemas:
        _say(f"  {one['name']}: {_some(one['fields'])}")
    typer.echo(
        "Tables:" if tables else "No table was made yet. Make one: docent extract --schema NAME -o out.xlsx"
    )
    for table in tables:
        _say(f"  {table['name']}: {_count(table['rows'], 'row')}, {_documents(table)}")


def _table(one: Table) -> dict[str, Any]:
    plan = one.plan
    about = {"name": one.name, "schema": plan.schema, "collection": plan.collection}
    return about | {"where": dict(plan.where)} | one.counts()


def _schema(one: Schema) -> dict[str, Any]:
    names = [field.name for field in one.fields]
    return {"name": one.name, "title": one.title("en"), "many": one.many, "fields": names}


def tell_estimate(ahead: Estimate, extraction: Extraction, *, as_json: bool) -> None:
    if as_json:
        common.print_json({"table": extraction.name, "filler": extraction.source.label, **_values(ahead)})
        return
    for line in _ahead(ahead, extraction):
        typer.echo(line)


def announce(ahead: Estimate, extraction: Extraction) -> None:
    """The estimate before a run."""
    for line in _ahead(ahead, extraction):
        typer.echo(line, err=True)


def tell(
    report: Report, extraction: Extraction, written: Sequence[Path], rebuild: bool, *, as_json: bool
) -> None:
    """What a run did, what failed, and where documents disagree."""
    found = _conflicts(extraction)
    if as_json:
        files = [str(path) for path in written]
        told = asdict(report) | {"failed": [{"path": path, "error": why} for path, why in report.failed]}
        common.print_json(told | {"conflicts": found, "files": files})
        return
    for path, why in report.failed[:_MOST_FAILURES]:
        _say(f"Failed: {path}: {why}", err=True)
    if (more := len(report.failed) - _MOST_FAILURES) > 0:
        typer.echo(f"… and {more} more.", err=True)
    for one in found[:_MOST_CONFLICTS]:
        said = " / ".join(map(_said, one["values"]))
        _say(f"Conflict: {one['key']}, {one['path']}: {said}", err=True)
    if len(found) > _MOST_CONFLICTS:
        typer.echo(f"… and {len(found) - _MOST_CONFLICTS} more conflicts.", err=True)
    _say(_summary(report, len(found)), err=True)
    for target in written:
        typer.echo(f"Written: {common.one_line(str(target))}", err=True)
    if report.stopped:
        # What a stopped command says in the end holds for all but this.
        typer.echo("Leave --rebuild out to go on from here." if rebuild else "Stopped.", err=True)
    elif report.failed:
        typer.echo("Run the same command again to try those that failed once more.", err=True)
    elif not written:
        typer.echo("See it in the browser (docent ui, page Tables), or write it to a file with -o.", err=True)


def _said(one: dict[str, Any]) -> str:
    page = f", page {one['page']}" if one["page"] else ""
    quote = f": “{one['quote']}”" if one["quote"] else ""
    return f"{one['value']} ({one['document']}{page}{quote})"


def _summary(report: Report, conflicts: int) -> str:
    parts = [
        f"{_count(report.rows, 'row')} in the table {report.table}",
        f"{_count(report.done, 'document')} asked in {duration(report.seconds)}" if report.done else "",
        f"{report.unchanged:,} unchanged" if report.unchanged else "",
        f"{report.removed:,} gone" if report.removed else "",
        f"{len(report.failed):,} failed" if report.failed else "",
        f"{report.left:,} left" if report.left else "",
        _count(conflicts, "conflict") if conflicts else "",
    ]
    return ", ".join(filter(None, parts)) + "."


def _ahead(ahead: Estimate, extraction: Extraction) -> list[str]:
    label = extraction.source.label
    by = "by rules, without a model" if extraction.model is None else f"with {label}"
    lines = [f"{_count(ahead.documents, 'document')} to ask {by}{_beside(ahead)}."]
    if not ahead.documents:
        return lines
    parts = []
    if ahead.tokens.total:
        parts.append(f"{ahead.tokens.prompt:,} tokens to read and {ahead.tokens.completion:,} to write")
    if extraction.model is not None:
        price = (
            "price not known (set DOCENT_PRICE_PROMPT)" if ahead.dollars is None else f"${ahead.dollars:.2f}"
        )
        parts.append(price)
    if ahead.seconds is not None:
        parts.append(f"{duration(ahead.seconds)} ({_BASES[ahead.basis]})")
    return [*lines, f"About {', '.join(parts)}."]


def _beside(ahead: Estimate) -> str:
    parts = [
        f"{ahead.unchanged:,} done before" if ahead.unchanged else "",
        f"{ahead.removed:,} gone" if ahead.removed else "",
    ]
    told = ", ".join(filter(None, parts))
    return f" ({told})" if told else ""


def _conflicts(extraction: Extraction) -> list[dict[str, Any]]:
    """Each with what every document says, and where it stands."""
    from app.tables.conflicts import conflicts

    with extraction.tables.open(extraction.name) as table:
        found = []
        for one in conflicts(table):
            values = []
            for id_, value in one.values.items():
                row = table.row(id_)
                cited = row.evidence[one.path].citation if one.path in row.evidence else None
                quote = cited.quote if cited else ""
                page = cited.page if cited else None
                values.append({"document": row.document.source, "value": value, "page": page, "quote": quote})
            found.append({"key": one.key, "path": one.path, "values": values})
        return found


def _values(ahead: Estimate) -> dict[str, Any]:
    return asdict(ahead) | {"tokens": ahead.tokens.model_dump()}


def _documents(counts: dict[str, Any]) -> str:
    failed = f", {counts['failed']:,} failed" if counts["failed"] else ""
    return f"{_count(counts['done'], 'document')} of {counts['collection']}{failed}"


def _some(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_FIELDS else ""
    return ", ".join(names[:_MOST_FIELDS]) + more


def _count(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def _say(text: str, *, err: bool = False) -> None:
    typer.echo(common.tame(text), err=err)
