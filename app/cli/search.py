"""`docent search`: the ranked chunks for a query, or for a file of queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import common
from app.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from app.schemas import Hit


def command(
    query: Annotated[str | None, typer.Argument(help="What to search for.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many chunks.")] = 10,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help='A JSONL file of {"id", "text"} lines; prints a line for each.'),
    ] = None,
    collection: common.Collection = None,
    as_json: common.AsJson = False,
) -> None:
    """Search the collection, without asking a language model."""
    if (query is None) == (batch is None):
        raise typer.BadParameter("give either a query or --batch FILE.jsonl")
    settings = common.settings(collection=collection)
    queries = list(_queries(batch)) if batch is not None else []

    from app.runtime import build

    with build(settings) as runtime:
        searcher = runtime.searcher()
        if batch is not None:
            for identifier, text in queries:
                common.print_json(
                    {"id": identifier, "hits": [as_record(hit) for hit in searcher.search(text, k)]}
                )
            return
        hits = searcher.search(query or "", k)
    if as_json:
        common.print_json([as_record(hit) for hit in hits])
    else:
        _show(hits)


def as_record(hit: Hit) -> dict[str, Any]:
    """A hit as the JSON of `docent search --json`."""
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


def _show(hits: list[Hit]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    if not hits:
        console.print("Nothing found.")
    for hit in hits:
        place = hit.chunk.source + (f", page {hit.chunk.page}" if hit.chunk.page else "")
        parts = " · ".join(
            f"{name} {value:.2f}"
            for name, value in (("dense", hit.dense), ("keyword", hit.keyword))
            if value is not None
        )
        console.print(f"[bold]{hit.rank}. {escape(place)}[/]  {hit.score:.3f}  [dim]{parts}[/]")
        console.print(escape(" ".join(hit.chunk.text.split())[:400]) + "\n")
