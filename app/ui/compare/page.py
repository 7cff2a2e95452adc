"""The view of two answers to one question, in place of the conversation."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from app.schemas import Role
from app.ui import bar_html, shell, turns
from app.ui.compare.marking import compared
from app.ui.compare.sides import Side, sides_of

if TYPE_CHECKING:
    from app.history import Conversation, Message, Tree
    from app.ui.texts import Texts

_PARAMETER = "compare"


def wanted() -> bool:
    """Whether the address asks for it."""
    return bool(st.query_params.get(_PARAMETER))


def open_(question_id: str) -> None:
    st.query_params[_PARAMETER] = question_id


def close() -> None:
    st.query_params.pop(_PARAMETER, None)


def show(conversation: Conversation, tree: Tree, say: Texts) -> None:
    """Draw the view of the question that the address names."""
    question = _question(conversation, tree)
    st.html(_head(question, say))
    if question is None:
        shell.note(say.html("compare.gone"))
        return
    sides = sides_of(question.id, tree)
    if running := [side.id for side in sides if side.job]:
        st.html(bar_html.stop(running, say))
    if len(sides) < 2:
        _alone(question, sides, say)
        return
    _two(sides, question.id, say)


def _question(conversation: Conversation, tree: Tree) -> Message | None:
    node = tree.by_id.get(st.query_params[_PARAMETER])
    if node is not None and node.role is Role.ASSISTANT:
        node = tree.by_id.get(node.parent_id or "")
    found = shell.runtime().history.load([node.id]) if node else []
    return found[0] if found and found[0].conversation_id == conversation.id else None


def _head(question: Message | None, say: Texts) -> str:
    back = (
        f'<button type="button" class="d-more" data-act="close-compare">{bar_html.icon("arrow_back")}'
        f"<span>{say.html('compare.back')}</span></button>"
    )
    asked = turns.question_html(question.content, say) if question else ""
    return f'<div class="d-compare"><h1>{say.html("compare.title")}</h1>{back}{asked}</div>'


def _alone(question: Message, sides: list[Side], say: Texts) -> None:
    """Nothing to compare yet, and what can be done about it."""
    offer = bar_html.offers([("variations", say("variations.title"))], question.id)
    shell.note(say.html("compare.alone" if sides else "compare.none"))
    st.html(offer)
    for side in sides:
        st.html(side.html(say))


# -- two of them ---------------------------------------------------------------------------------------------


def _two(sides: list[Side], question_id: str, say: Texts) -> None:
    verdict = st.empty()
    columns = st.columns(2, gap="large")
    with columns[0]:
        left = _choose(sides, _first(sides), sides, f"compare-{question_id}", say("compare.left"), say)
    others = [side for side in sides if side is not left]
    with columns[1]:
        # Other choices than before are another widget: what it remembers may have gone to the left.
        key = f"compare-{question_id}-{left.id}"
        right = _choose(others, _next_to(left, sides), sides, key, say("compare.right"), say)
    told, *htmls = _compared(left, right, say)
    verdict.html(told)
    for column, side, html in zip(columns, (left, right), htmls, strict=True):
        column.html(_column(side, html, say))


def _first(sides: list[Side]) -> Side:
    """What the conversation shows."""
    return next((side for side in sides if side.is_shown), sides[0])


def _next_to(side: Side, sides: list[Side]) -> Side:
    return sides[side.number % len(sides)]


def _choose(choices: list[Side], first: Side, sides: list[Side], key: str, label: str, say: Texts) -> Side:
    """The one of `choices` that is chosen for this place."""
    known = {side.id: side for side in choices}
    chosen = st.selectbox(
        label,
        list(known),
        list(known).index(first.id),
        format_func=lambda id: known[id].label(sides, say),
        key=key,
    )
    return known[chosen or first.id]


def _compared(left: Side, right: Side, say: Texts) -> tuple[str, str, str]:
    """What is to be said of both, and the HTML of each; what differs is marked once both are complete."""
    htmls = left.html(say), right.html(say)
    if left.job or right.job:
        return _verdict(say("compare.writing")), *htmls
    found = compared(*htmls, say)
    if found.likeness is None:
        return _verdict(say("compare.no_words")), *htmls
    if found.likeness == 1:
        return _verdict(say("compare.same")), *htmls
    percent = min(99, round(100 * found.likeness))
    return _verdict(say("compare.likeness", percent=percent)), found.left, found.right


def _verdict(text: str) -> str:
    return f'<p class="d-verdict" role="status">{escape(text)}</p>'


def _column(side: Side, html: str, say: Texts) -> str:
    settings = escape(" · ".join(side.settings(say).values()))
    label = say.html("compare.answer", number=side.number)
    return (
        f'<section class="d-side" aria-label="{label}"><p class="d-settings">{settings}</p>{html}'
        f"{side.keep_html(say)}</section>"
    )
