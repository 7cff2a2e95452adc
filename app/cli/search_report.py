"""What `docent search` shows on a terminal: the hits, and on demand what each part of the search added."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from app.chat.retrieve import Found
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
    from rich.markup import escape

    from app.chat.places import place
    from app.chat.retrieve.marking import matched_words

    within = place(hit.chunk, "en")
    named = f"{hit.chunk.source}, {within}" if within else hit.chunk.source
    sides = (("dense", hit.dense), ("keyword", hit.keyword))
    parts = " · ".join(f"{name} {value:.2f}" for name, value in sides if value is not None)
    detail = "" if explain else f"  [dim]{parts}[/]"
    console.print(f"[bold]{hit.rank}. {escape(named)}[/]  {hit.score:.3f}{detail}")
    if explain and hit.explain is not None:
        console.print(_bars(hit, hit.explain))
        if words := matched_words(query, hit.explain.matched):
            console.print(f"[dim]matched[/] {escape(', '.join(words))}")
    if hit.also_in:
        console.print(f"[dim]also in[/] {escape(', '.join(hit.also_in))}")
    console.print(escape(" ".join(hit.chunk.text.split())[:_TEXT_CHARACTERS]) + "\n")


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
