"""A run of indexing as one quiet line in the chat: how far it is, and in the end what it added."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from app.ui import bar_html
from app.ui.links import is_address

if TYPE_CHECKING:
    from app.schemas import FailedFile
    from app.ui.indexing import Run
    from app.ui.texts import Texts

_MOST_FAILURES = 3


def place_html(collection: str, run: Run | None) -> str:
    """Where the browser shows it; `data-run` tells one run from another, and "" that there is none."""
    number = "" if run is None else str(id(run))
    return f'<div data-indexing="{escape(collection)}" data-run="{number}"></div>'


def run_html(run: Run | None, collection: str, say: Texts) -> str:
    if run is None:
        return ""
    if run.running:
        return _under_way(run, say)
    if run.error is not None:
        title, detail = say.error(run.error)
        return _line(f"<span>{escape(title)}</span><small>{escape(detail)}</small>", collection, say)
    return _line(_outcome(run, say), collection, say)


def _under_way(run: Run, say: Texts) -> str:
    now = run.progress
    parts = [say("indexing.running")]
    share = 0.0
    if now is not None and now.files_total:
        parts.append(say("indexing.counts", done=now.files_done, total=now.files_total))
        share = now.chunks_done / now.chunks_total if now.chunks_total else now.files_done / now.files_total
    if now is not None and now.path:
        parts.append(_name(now.path))
    if now is not None and now.failed:
        parts.append(say("indexing.failed", count=now.failed))
    bar = f'<i style="width:{100 * max(0.0, min(1.0, share)):.0f}%"></i>'
    return f'<p class="d-indexing"><span>{escape(" · ".join(parts))}</span>{bar}</p>'


def _outcome(run: Run, say: Texts) -> str:
    report = run.report
    if report is None:
        return ""
    counts = {name: getattr(report, name) for name in ("added", "updated", "deleted")}
    changes = [say.plural(f"report.{name}", count) for name, count in counts.items() if count]
    told = say("indexing.done", changes=", ".join(changes)) if changes else say("indexing.none")
    return f"<span>{escape(told)}</span>" + "".join(_failure(one) for one in report.failed[:_MOST_FAILURES])


def _failure(failed: FailedFile) -> str:
    name = _name(failed.path)
    told = failed.error if name in failed.error else f"{name}: {failed.error}"
    return f"<small>{escape(told)}</small>"


def _line(inside: str, collection: str, say: Texts) -> str:
    seen, icon = say.html("indexing.seen"), bar_html.icon("close")
    return (
        f'<p class="d-indexing d-indexing-done">{inside}<button type="button" class="d-act" '
        f'data-act="indexing-seen" data-value="{escape(collection)}" aria-label="{seen}" title="{seen}">'
        f"{icon}</button></p>"
    )


def _name(path: str) -> str:
    return path if is_address(path) else Path(path).name
