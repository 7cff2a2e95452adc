"""What a table is doing, or what came of its last run, as a line with the buttons that fit it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from app.ui import turns
from app.ui.tables.wording import duration, filler_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.tables import Document, Progress, Report
    from app.ui.tables.running import Run
    from app.ui.texts import Texts

_MOST_FAILURES = 20


def counts_html(counts: Mapping[str, int], filler: str, say: Texts) -> str:
    """Rows, documents and who filled it."""
    parts = [
        say.plural("tables.rows", counts["rows"]),
        say.plural("tables.documents", counts["done"]),
        filler_label(filler, say),
    ]
    return f'<p class="d-subtle">{escape(" · ".join(parts))}</p>'


def running_html(progress: Progress | None, stopping: bool, say: Texts) -> str:
    """A run that is under way, with its bar."""
    parts = [say("tables.stopping" if stopping else "tables.running")]
    share = 0.0
    if progress is not None and progress.total:
        share = progress.done / progress.total
        parts.append(say("tables.done_of", done=f"{progress.done:,}", total=f"{progress.total:,}"))
        if progress.failed:
            parts.append(say.plural("tables.failed", progress.failed))
        if progress.seconds_left and not stopping:
            parts.append(say("tables.left", time=duration(progress.seconds_left, say)))
    bar = (
        f'<span class="d-share-bar" role="progressbar" aria-valuenow="{share * 100:.0f}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-label="{say.html("tables.running")}">'
        f'<i style="width:{share * 100:.1f}%"></i></span>'
    )
    return f'<div class="d-state"><p role="status">{escape(" · ".join(parts))}</p>{bar}</div>'


def stop_html(name: str, say: Texts) -> str:
    """The button that stops a run; apart from what changes all the time, so that it can be clicked on."""
    return _button("table-stop", name, say("chat.stop"))


def elsewhere_html(say: Texts) -> str:
    """Another process fills it."""
    return f'<div class="d-state"><p role="status">{say.html("tables.elsewhere")}</p></div>'


def ended_html(name: str, run: Run | None, say: Texts) -> str:
    """What came of the last run of this process; nothing where there was none."""
    if run is None or run.running:
        return ""
    if run.error is not None:
        return turns.error_html(*say.error(run.error))
    if run.report is None:
        return ""
    close = _button("table-seen", name, say("common.close"))
    return f'<div class="d-state"><p role="status">{escape(_report(run.report, say))}</p>{close}</div>'


def _report(report: Report, say: Texts) -> str:
    first = say("tables.was_stopped") if report.stopped else say("tables.ended")
    parts = [first, say.plural("tables.asked", report.done)]
    if report.unchanged:
        parts.append(say.plural("tables.unchanged", report.unchanged))
    if report.removed:
        parts.append(say.plural("tables.removed", report.removed))
    if report.left:
        parts.append(say.plural("tables.still", report.left))
    return " · ".join(parts)


def failures_html(failed: Sequence[Document], say: Texts) -> str:
    """The documents that failed, each with its cause."""
    if not failed:
        return ""
    lines = "".join(
        f"<li><b>{escape(one.source)}</b> {escape(one.error)}</li>" for one in failed[:_MOST_FAILURES]
    )
    title = escape(say.plural("tables.failed", len(failed)))
    return (
        f'<details class="d-note d-failures"><summary>{title}</summary><ul>{lines}</ul>'
        f"<p>{say.html('tables.failed_help')}</p></details>"
    )


def _button(act: str, value: str, label: str) -> str:
    return (
        f'<button type="button" class="d-link" data-act="{act}" data-value="{escape(value)}">'
        f"{escape(label)}</button>"
    )
