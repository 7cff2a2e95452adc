"""What `docent search` shows on a terminal: the hits, and on demand what each part of the search added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.common import one_line, shown, tame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from app.chat.retrieve import Found
    from app.chat.tables import Span
    from app.schemas import Explanation, Hit

_TEXT_CHARACTERS = 400
_BAR = 24
_COLOURS = {"dense": "cyan", "keyword": "yellow", "rerank": "magenta"}


def show(found: Found, explain: bool) -> None:
    """Print the hits, best first."""
    from rich.console import Console

    console = Console(highlight=False)
    if not found.hits:
        console.print(nothing(found))
    for hit in found.hits:
        _show_hit(console, hit, found.text, explain)
    if explain and found.hits:
        console.print(_footer(found), style="dim", soft_wrap=True, markup=False)


def nothing(found: Found) -> str:
    """Why there is no hit, as far as that is known."""
    if not any(map(str.isalnum, found.text)):
        return "Nothing to search for: write some words" + (" beside the filter." if found.where else ".")
    return "Nothing found" + (f" with {filters(found)}." if found.where else ".")


def filters(found: Found) -> str:
    """The filters as they were understood."""
    return ", ".join(f"{name}={'|'.join(map(str, values))}" for name, values in found.where.items())


def _show_hit(console: Console, hit: Hit, query: str, explain: bool) -> None:
    from app.chat.places import named
    from app.chat.retrieve.marking import matched_words

    sides = (("dense", hit.dense), ("keyword", hit.keyword))
    parts = " · ".join(f"{name} {value:.2f}" for name, value in sides if value is not None)
    detail = "" if explain else f"  [dim]{parts}[/]"
    console.print(f"[bold]{hit.rank}. {shown(named(hit.chunk, 'en'))}[/]  {hit.score:.3f}{detail}")
    if path := dict.fromkeys(part for part in (hit.chunk.title, *hit.chunk.headings) if part.strip()):
        console.print(f"[dim]{shown(' › '.join(path))}[/]")
    if explain and hit.explain is not None:
        console.print(_bars(hit, hit.explain))
        if words := matched_words(query, hit.explain.matched):
            console.print(f"[dim]matched[/] {shown(', '.join(words))}")
    if hit.also_in:
        console.print(f"[dim]also in[/] {shown(', '.join(hit.also_in))}")
    _show_passage(console, hit.chunk.text)


def _show_passage(console: Console, text: str) -> None:
    """The beginning of a passage: its text without line breaks, its tables as tables."""
    from rich.text import Text

    from app.chat import tables

    room = _TEXT_CHARACTERS
    for part in tables.parts(text):
        if part.rows:
            console.print(_table(text, [row for row in part.rows if row[0][0] < part.begin + room]))
        elif words := one_line(text[part.begin : part.end]):
            console.print(Text(words if len(words) <= room else words[:room].rpartition(" ")[0] + " …"))
        room -= part.end - part.begin
        if room <= 0:
            break
    console.print()


def _table(text: str, rows: Sequence[Sequence[Span]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from app.chat import tables

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for span in rows[0]:
        table.add_column(Text(tame(tables.cell(text, span))))
    for row in rows[1:]:
        table.add_row(*(Text(tame(tables.cell(text, span))) for span in row[: len(rows[0])]))
    return table


def _bars(hit: Hit, why: Explanation) -> Table:
    from rich.table import Table

    table = Table(show_header=False, box=None, padding=(0, 1))
    rows = (
        ("dense", why.dense_share, _seen("cosine", hit.dense, why.dense_rank)),
        ("keyword", why.keyword_share, _seen("BM25", hit.keyword, why.keyword_rank)),
        ("rerank", why.rerank, "cross-encoder"),
    )
    for name, share, detail in rows:
        if share is not None:
            bar = "█" * round(_BAR * share)
            table.add_row(name, f"[{_COLOURS[name]}]{bar:<{_BAR}}[/]", f"{share:.3f}", f"[dim]{detail}[/]")
    return table


def _seen(name: str, value: float | None, rank: int | None) -> str:
    if value is None:
        return "not among its candidates"
    return f"{name} {value:.3f}" + (f", rank {rank}" if rank else "")


def _footer(found: Found) -> str:
    parts = [f"{found.dense_weight:.0%} dense, {1 - found.dense_weight:.0%} keyword"]
    parts += [f"{name} {1000 * seconds:.0f} ms" for name, seconds in found.seconds.items()]
    if found.where:
        parts.append(f"only {filters(found)}")
    return " · ".join(parts)
