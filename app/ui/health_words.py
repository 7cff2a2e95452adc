"""What a health report says in words, on a page, in a file and on a terminal alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.ui.texts import Texts
    from ingest.health import Health

_UNITS = ("B", "kB", "MB", "GB", "TB")


def printable(text: str) -> str:
    """Foreign text on one line; what would steer a terminal or turn the direction of a line becomes "�"."""
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "\ufffd" for character in line)


def size(count: float) -> str:
    """Bytes as people read them: 1.2 MB."""
    power = 0
    while count >= 1000 and power < len(_UNITS) - 1:
        count, power = count / 1000, power + 1
    return f"{count:,.{1 if power and count < 100 else 0}f} {_UNITS[power]}"


def seconds(count: float) -> str:
    return f"{count:,.1f}" if count >= 1 else f"{count:.2f}"


def dates(health: Health, say: Texts) -> str:
    """The days of the oldest and the newest file; "" where there are none."""
    if health.oldest is None or health.newest is None:
        return ""
    return say("health.dates", oldest=health.oldest.day, newest=health.newest.day)


def threshold(health: Health, say: Texts) -> str:
    """From which score on questions are answered; "" where that was not measured."""
    measured = health.calibration
    if measured is None:
        return ""
    return say(
        "health.threshold",
        threshold=f"{measured.threshold * 100:.0f}",
        own=measured.own,
        answered=share(measured.answered),
        foreign=measured.foreign,
        refused=share(measured.refused),
    )


def share(part: float) -> str:
    """A share as per cent; what is there is never 0 %, and what is not all never 100 %."""
    if 0 < part < 0.005:
        return "< 1 %"
    return "> 99 %" if 0.995 <= part < 1 else f"{part:.0%}".replace("%", " %")


def ranges(numbers: Sequence[int], longest: int = 12) -> str:
    """Numbers in order as people write them: 1–3, 7, 9–12; cut after `longest` of them."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [f"{first}–{last}" if last > first else f"{first}" for first, last in runs]
    return ", ".join(told[:longest]) + (", …" if len(told) > longest else "")


def why(codes: Sequence[str], page: int | None, say: Texts) -> str:
    """Why a passage is suspicious, and on which page it stands."""
    told = "; ".join(say(f"suspicion.{code}") for code in codes)
    return told if page is None else f"{told} · {say('health.on_page', page=page)}"


def type_name(name: str, say: Texts) -> str:
    known = {"": say("health.type_none"), "web": say("health.type_web")}
    return known.get(name) or printable(name.upper())


def notes(health: Health, say: Texts) -> Iterator[tuple[str, str]]:
    """What is worth a look, the gravest first: its kind (for a colour), and a sentence."""
    if failed := sum(count for status, count in health.statuses.items() if status.value == "failed"):
        yield "danger", say.plural("health.note_failed", failed)
    yield from (("warn", text) for text in findings(health, say))


def findings(health: Health, say: Texts) -> Iterator[str]:
    """The same without the files that failed, which a run names by themselves."""
    if health.suspicious_passages:
        files = say.plural("health.in_files", health.suspicious_files)
        yield say.plural("health.note_suspicious", health.suspicious_passages, files=files)
    if health.fit.better:
        yield unread(health, say)
    if health.textless_pages:
        files = say.plural("health.in_files", health.textless_files)
        yield say.plural("health.note_textless", health.textless_pages, files=files)
    if health.alike_documents:
        yield say.plural("health.note_alike", health.alike_documents)
    if health.duplicate_files:
        yield say.plural("health.note_duplicates", health.duplicate_files)


def unread(health: Health, say: Texts) -> str:
    fit = health.fit
    return say(
        "documents.unread",
        model=fit.model or "",
        percent=share(fit.unread or 0),
        better=fit.better or "",
        collection=health.collection,
    )
