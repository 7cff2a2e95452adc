"""`docent search`: the ranked chunks for a query, or for a file of queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import common, search_report
from app.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from app.chat.retrieve import Found
    from app.schemas import Chunk, Hit


def command(
    query: Annotated[str | None, typer.Argument(help="What to search for.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many chunks.")] = 10,
    filters: common.Filters = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what each part of the search adds, and why.")
    ] = False,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help='A JSONL file of {"id", "text"} lines; prints a line for each.'),
    ] = None,
    collection: common.Collection = None,
    as_json: common.AsJson = False,
) -> None:
    """Search the collection, without asking a language model.

    Filters may also stand in the query: docent search "source:handbook.pdf page:3 leave days".
    """
    if (query is None) == (batch is None):
        raise typer.BadParameter("give either a query or --batch FILE.jsonl")
    settings = common.settings(collection=collection)
    queries = list(_queries(batch)) if batch is not None else []

    from app.chat.retrieve.query import parse_filters
    from app.runtime import build

    with build(settings) as runtime:
        searcher = runtime.searcher()
        where = parse_filters(filters or [], runtime.collection().fields)
        if batch is not None:
            for identifier, text in queries:
                found = searcher.find(text, k, where, matched=explain)
                _tell(found)
                common.print_json({"id": identifier, "hits": _records(found, explain)})
            return
        found = searcher.find(query or "", k, where)
    _tell(found)
    if as_json:
        common.print_json(_records(found, explain))
    else:
        search_report.show(found, explain)


def as_record(hit: Hit) -> dict[str, Any]:
    """A hit as the JSON of `docent search --json`, without its explanation."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        "dense": hit.dense,
        "keyword": hit.keyword,
        "source": hit.chunk.source,
        "page": hit.chunk.page,
        "record_id": hit.chunk.record_id,
        "chunk_id": hit.chunk.id,
        "text": hit.chunk.text,
    }


def explanation(hit: Hit, dense_weight: float) -> dict[str, Any]:
    """Why a hit stands where it does, and all that is known of its place and its document, as JSON."""
    known = asdict(hit.explain) if hit.explain else {}
    return {"dense_weight": dense_weight, **known, "also_in": list(hit.also_in), **_origin(hit.chunk)}


def _origin(chunk: Chunk) -> dict[str, Any]:
    from ingest.changes import day_of, has_changed

    return {
        "page_end": chunk.page_end,
        "page_label": chunk.page_label,
        "lines": chunk.lines,
        "title": chunk.title,
        "headings": chunk.headings,
        "metadata": dict(chunk.metadata),
        "modified": day_of(chunk.origin) if chunk.origin else None,
        "changed": chunk.origin is not None and has_changed(chunk.origin),
    }


def _records(found: Found, explain: bool) -> list[dict[str, Any]]:
    return [
        as_record(hit) | ({"explain": explanation(hit, found.dense_weight)} if explain else {})
        for hit in found.hits
    ]


def _tell(found: Found) -> None:
    """Notices go to standard error, away from the records."""
    from prompts import notice_text

    for notice in found.notices:
        typer.echo(notice_text(notice, found.text), err=True)


def _queries(path: Path) -> Iterator[tuple[Any, str]]:
    if not path.is_file():
        raise NotFoundError(f"The batch file {str(path)!r} does not exist; check the path.", path=str(path))
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _query(path, number, line)


def _query(path: Path, number: int, line: str) -> tuple[Any, str]:
    try:
        record = json.loads(line)
        return record["id"], str(record["text"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            f'Line {number} of {str(path)!r} is not an object with "id" and "text": {line.strip()[:80]!r}.'
        ) from None
