"""The bar of buttons below a message, and the switch between its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.history import Message
    from app.ui.texts import Texts

# Act -> icon; the words are `bar.ACT`, and what happens is in `app.ui.actions`.
ICONS = {
    "copy": "content_copy",
    "edit": "edit",
    "good": "thumb_up",
    "bad": "thumb_down",
    "regenerate": "refresh",
    "branch": "fork_right",
    "share": "link",
    "details": "info",
    "repeat": "replay",
    "changes": "difference",
    "export": "download",
    "compare": "compare",
    "variations": "splitscreen_right",
    "more": "more_horiz",
    "earlier": "keyboard_arrow_up",
    "later": "keyboard_arrow_down",
}
ON_QUESTION = ("copy", "edit", "branch")
ON_ANSWER = ("copy", "good", "bad", "regenerate", "details")
MORE = ("variations", "compare", "repeat", "branch", "share", "export")
"""What stands in the menu at the end of an answer's bar."""


def question_bar(message: Message, versions: Sequence[str], say: Texts) -> str:
    buttons = "".join(button(act, message.id, say, text=message.content) for act in ON_QUESTION)
    return _bar(buttons, message.id, versions, say, "bar.of_question", "d-bar-question")


def answer_bar(
    message: Message, versions: Sequence[str], say: Texts, pressed: Mapping[str, bool] | None = None
) -> str:
    """The bar of a finished answer.

    Args:
        versions: the ids of all answers to its question, oldest first.
        pressed: state of those buttons that are switches.
    """
    state = pressed or {}
    buttons = "".join(
        button(act, message.id, say, text=message.content, pressed=state.get(act)) for act in ON_ANSWER
    )
    menu = "".join(entry(act, message.id, say) for act in MORE)
    return _bar(buttons + more(menu, say), message.id, versions, say, "bar.of_answer", "d-bar-answer")


def button(act: str, value: str, say: Texts, *, text: str = "", pressed: bool | None = None) -> str:
    """A button that is an icon; `text` is what `copy` copies."""
    told = say.html(f"bar.{act}")
    held = f' data-text="{escape(text)}"' if act == "copy" else ""
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return (
        f'<button type="button" class="d-act" data-act="{act}" data-value="{escape(value)}"{held}{state} '
        f'aria-label="{told}" title="{told}">{icon(ICONS[act])}</button>'
    )


def entry(act: str, value: str, say: Texts) -> str:
    """The same as a line of a menu, with its words."""
    return (
        f'<button type="button" class="d-entry" data-act="{act}" data-value="{escape(value)}">'
        f"{icon(ICONS[act])}<span>{say.html(f'bar.{act}')}</span></button>"
    )


def more(entries: str, say: Texts) -> str:
    told = say.html("bar.more")
    return (
        f'<details class="d-menu"><summary class="d-act" aria-label="{told}" title="{told}">'
        f'{icon(ICONS["more"])}</summary><div class="d-entries">{entries}</div></details>'
    )


def icon(name: str) -> str:
    return f'<span class="d-icon" aria-hidden="true">{name}</span>'


def step(act: str, count: int, say: Texts) -> str:
    """The button that shows more of a long conversation."""
    return (
        f'<p class="d-step"><button type="button" class="d-more" data-act="{act}">{icon(ICONS[act])}'
        f"<span>{say.html(f'bar.{act}', count=count)}</span></button></p>"
    )


def stop(message_ids: Sequence[str], say: Texts) -> str:
    """The button that ends the answers that are being written."""
    ids = escape(" ".join(message_ids))
    return (
        f'<p class="d-stop"><button type="button" data-act="stop" data-value="{ids}">'
        f"{icon('stop')}<span>{say.html('chat.stop')}</span></button></p>"
    )


def offers(acts: Sequence[tuple[str, str]], value: str) -> str:
    """Buttons with words, the first one being the likeliest."""
    made = "".join(
        f'<button type="button" data-act="{act}" data-value="{escape(value)}">{escape(words)}</button>'
        for act, words in acts
    )
    return f'<p class="d-offers">{made}</p>'


def _bar(buttons: str, message_id: str, versions: Sequence[str], say: Texts, label: str, kind: str) -> str:
    switch = _switch(message_id, versions, say)
    return f'<div class="d-bar {kind}" role="group" aria-label="{say.html(label)}">{switch}{buttons}</div>'


def _switch(message_id: str, versions: Sequence[str], say: Texts) -> str:
    """‹ 2/3 ›"""
    if len(versions) < 2 or message_id not in versions:
        return ""
    here = list(versions).index(message_id)
    before = versions[here - 1] if here else ""
    after = versions[here + 1] if here + 1 < len(versions) else ""
    told = say.html("bar.version", number=here + 1, count=len(versions))
    return (
        f"{_turn('chevron_left', before, say.html('bar.version_before'))}"
        f'<span class="d-version" aria-label="{told}">{here + 1}/{len(versions)}</span>'
        f"{_turn('chevron_right', after, say.html('bar.version_after'))}"
    )


def _turn(sign: str, to: str, label: str) -> str:
    off = "" if to else " disabled"
    return (
        f'<button type="button" class="d-act" data-act="version" data-value="{escape(to)}" '
        f'aria-label="{label}" title="{label}"{off}>{icon(sign)}</button>'
    )
