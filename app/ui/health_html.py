"""A health report as HTML: sections for a page, and a whole document that stands for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from app.schemas import FileStatus
from app.ui import charts
from app.ui.assets import colours
from app.ui.health_words import (
    dates,
    notes,
    printable,
    ranges,
    seconds,
    share,
    size,
    threshold,
    type_name,
    why,
)

if TYPE_CHECKING:
    from app.ui.texts import Texts
    from ingest.health import Health

FOLDER = Path(__file__).parent
CSS = FOLDER / "health.css"

# Rows of a list that are shown at once, and bars of a chart.
_SHOWN = 8
_BARS = 12
# A histogram's columns from one label to the next.
_LABELLED = 5

# Whatever a file's name may smuggle in, a browser runs and fetches nothing.
_RULE = "default-src 'none'; style-src 'unsafe-inline'"
_POLICY = f'<meta http-equiv="Content-Security-Policy" content="{_RULE}"/>'

_STATUS_COLOURS = {FileStatus.INDEXED: "a", FileStatus.PENDING: "b", FileStatus.FAILED: "bad"}
_LANGUAGE_COLOURS = {"ko": "a", "en": "b", "other": "c"}


def document(health: Health, say: Texts) -> str:
    """The report as a file: no script, and nothing from elsewhere."""
    title = say.html("health.title", collection=health.collection)
    made = say.html("health.made", moment=_moment(health.made_at, None))
    return (
        f'<!DOCTYPE html>\n<html lang="{say.language}"><head><meta charset="utf-8"/>'
        f"{_POLICY}"
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        '<meta name="color-scheme" content="light dark"/>'
        f"<title>{title}</title><style>{_styles()}</style></head>"
        f'<body class="d-h-page"><header><p>Docent</p><h1>{title}</h1><p>{made}</p></header>'
        f"<main>{_totals(health, say)}{sections(health, say)}</main></body></html>\n"
    )


def _styles() -> str:
    """The colours of the pages, and the report's own rules."""
    return colours() + CSS.read_text(encoding="utf-8")


def sections(health: Health, say: Texts, zone: tzinfo | None = None) -> str:
    """All figures and charts; those that have nothing to say are left out.

    Args:
        zone: of the reader; None for that of this machine.
    """
    made = (part(health, say) for part in _PARTS)
    lines = [
        line for line in (dates(health, say), _last_run(health, say, zone), threshold(health, say)) if line
    ]
    about = "".join(f"<p>{escape(line)}</p>" for line in lines)
    head = f'{_notes(health, say)}<div class="d-h-about">{about}</div>'
    return f'<div class="d-h">{head}<div class="d-h-cards">{"".join(made)}</div></div>'


def _notes(health: Health, say: Texts) -> str:
    found = "".join(f'<li class="d-h-{kind}">{escape(text)}</li>' for kind, text in notes(health, say))
    found = found or f'<li class="d-h-good">{say.html("health.all_well")}</li>'
    return f'<ul class="d-h-notes">{found}</ul>'


def _totals(health: Health, say: Texts) -> str:
    counts = {name: getattr(health, name) for name in ("files", "documents", "pages", "chunks")}
    figures = [
        f"<span><b>{count:,}</b> {say.html(f'documents.{name}')}</span>"
        for name, count in counts.items()
        if count
    ]
    figures.append(f"<span><b>{escape(size(health.size))}</b></span>")
    return f'<div class="d-h-totals">{"".join(figures)}</div>'


def _last_run(health: Health, say: Texts, zone: tzinfo | None) -> str:
    run = health.last_run
    if run is None:
        return ""
    changes = [
        say.plural(f"report.{name}", count)
        for name in ("added", "updated", "deleted")
        if (count := getattr(run, name))
    ]
    if run.failed:
        changes.append(say.plural("documents.failed", run.failed))
    moment = _moment(run.started_at, zone)
    told = ", ".join(changes) or say("report.nothing")
    return say("health.last_run", moment=moment, seconds=f"{run.seconds:,.1f}", changes=told)


def _moment(stored: str, zone: tzinfo | None) -> str:
    return datetime.fromisoformat(stored).astimezone(zone).strftime("%Y-%m-%d %H:%M")


# -- charts ------------------------------------------------------------------------------------------------


def _card(name: str, body: str, say: Texts, *, wide: bool = False, about: str = "") -> str:
    kind = "d-h-card d-h-wide" if wide else "d-h-card"
    small = f"<p>{escape(about)}</p>" if about else ""
    return f'<section class="{kind}"><h2>{say.html(f"health.{name}")}</h2>{small}{body}</section>'


def _types(health: Health, say: Texts) -> str:
    rows = [
        charts.Bar(type_name(kind.name, say), kind.files, f"{kind.files:,} · {size(kind.size)}")
        for kind in health.types[:_BARS]
    ]
    if rest := health.types[_BARS:]:
        files, held = sum(kind.files for kind in rest), sum(kind.size for kind in rest)
        rows.append(charts.Bar(say("health.type_rest"), files, f"{files:,} · {size(held)}"))
    return _card("types", charts.bars(rows), say)


def _statuses(health: Health, say: Texts) -> str:
    parts = [
        charts.Part(say(f"status.{status.value}"), count, f"{count:,}", colour)
        for status, colour in _STATUS_COLOURS.items()
        if (count := health.statuses.get(status, 0))
    ]
    return _card("statuses", charts.strip(parts), say)


def _languages(health: Health, say: Texts) -> str:
    parts = [
        charts.Part(say(f"health.language_{name}"), part, share(part), colour)
        for name, colour in _LANGUAGE_COLOURS.items()
        if (part := health.languages.get(name, 0))
    ]
    return _card("languages", charts.strip(parts), say, about=say("health.languages_about")) if parts else ""


def _fit(health: Health, say: Texts) -> str:
    fit = health.fit
    if fit.model is None or fit.unread is None:
        return ""
    parts = [charts.Part(say("health.read"), 1 - fit.unread, share(1 - fit.unread), "a")]
    if fit.unread:
        colour = "bad" if fit.better else "b"
        parts.append(charts.Part(say("health.unread"), fit.unread, share(fit.unread), colour))
    return _card("fit", charts.strip(parts), say, about=say("health.fit_about", model=fit.model))


def _sizes(health: Health, say: Texts) -> str:
    sizes = health.sizes
    if not sizes.counts:
        return ""
    starts = [number * sizes.step for number in range(len(sizes.counts))]
    names = ["" if number % _LABELLED else f"{start:,}" for number, start in enumerate(starts)]
    ends = [f"{start + sizes.step - 1:,}" for start in starts[:-1]] + [f"{sizes.longest:,}"]
    told = [
        say.plural("health.size_of", count, shortest=f"{start:,}", longest=end)
        for count, start, end in zip(sizes.counts, starts, ends, strict=True)
    ]
    figures = {name: f"{getattr(sizes, name):,}" for name in ("shortest", "mean", "longest")}
    about = say("health.sizes_about", **figures)
    return _card("sizes", charts.columns(sizes.counts, names, told), say, wide=True, about=about)


def _slowest(health: Health, say: Texts) -> str:
    rows = [
        charts.Bar(printable(one.file), one.seconds, say("health.seconds", seconds=seconds(one.seconds)))
        for one in health.slowest[:_SHOWN]
    ]
    return _card("slowest", charts.bars(rows), say) if rows else ""


def _largest(health: Health, say: Texts) -> str:
    rows = [charts.Bar(printable(one.file), one.size, size(one.size)) for one in health.largest[:_SHOWN]]
    return _card("largest", charts.bars(rows), say) if rows else ""


# -- lists -------------------------------------------------------------------------------------------------


def _list(name: str, rows: Sequence[str], say: Texts, count: int) -> str:
    """A card with rows of HTML, most of a long list folded; `count` is how many there are in all."""
    if not rows:
        return ""
    shown, folded = "".join(rows[:_SHOWN]), "".join(rows[_SHOWN:])
    more = say.html("health.more", count=f"{count - _SHOWN:,}")
    rest = f"<details><summary>{more}</summary><ul>{folded}</ul></details>" if folded else ""
    if count > len(rows):
        rest += f"<p>{say.html('health.first', count=f'{len(rows):,}')}</p>"
    body = f'<div class="d-h-list"><ul>{shown}</ul>{rest}</div>'
    return _card(name, body, say, wide=True, about=say(f"health.{name}_about"))


def _names(names: Iterable[str]) -> str:
    return "".join(f"<span><bdi>{escape(printable(name))}</bdi></span>" for name in names)


def _failed(health: Health, say: Texts) -> str:
    rows = [
        f"<li>{_names([one.path])}<small>{escape(printable(one.error))}</small></li>" for one in health.failed
    ]
    return _list("failed", rows, say, health.statuses.get(FileStatus.FAILED, 0))


def _textless(health: Health, say: Texts) -> str:
    rows = [
        f"<li>{_names([one.file])}<small>"
        f"{say.html('health.pages_of', pages=ranges(one.textless), count=len(one.textless), all=one.pages)}"
        "</small></li>"
        for one in health.textless
    ]
    return _list("textless", rows, say, health.textless_files)


def _suspicious(health: Health, say: Texts) -> str:
    rows = [
        f"<li>{_names([one.file])}<small>{escape(why(one.codes, one.page, say))}</small>"
        f"{''.join(f'<small>“{escape(printable(quote))}”</small>' for quote in one.quotes)}</li>"
        for one in health.suspicious
    ]
    return _list("suspicious", rows, say, health.suspicious_passages)


def _alike(health: Health, say: Texts) -> str:
    rows = [
        f"<li>{_names(group.documents)}<small>"
        f"{say.html('health.likeness', percent=share(group.likeness))}</small></li>"
        for group in health.alike
    ]
    return _list("alike", rows, say, health.alike_groups)


def _duplicates(health: Health, say: Texts) -> str:
    rows = [f"<li>{_names(group)}</li>" for group in health.duplicates]
    return _list("duplicates", rows, say, health.duplicate_groups)


_PARTS: tuple[Callable[[Health, Texts], str], ...] = (
    _types,
    _statuses,
    _languages,
    _fit,
    _sizes,
    _failed,
    _suspicious,
    _textless,
    _alike,
    _duplicates,
    _slowest,
    _largest,
)
