"""The conversation within its budget of tokens: a summary, and the newest turns as they were said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.chat.context import TURN_TOKENS, trim_history
from app.chat.memory.sentences import by_sentences
from app.chat.tokens import count_tokens, shortened
from app.language import detect_language
from app.schemas import Role, Turn
from prompts import summary_texts

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

SUMMARY_SHARE = 0.3
"""Of the budget: what a summary takes at most, unless its user wrote more."""

_MOST_SHARE = 0.5  # of what a user wrote
_ADDED_SHARE = 0.1  # what is left for the turns that fall out beside a long one


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the model is told of the conversation; `added` turns were taken up by the summary just now."""

    summary: str
    turns: tuple[Turn, ...]
    added: int = 0


def fits(summary: str, turns: Sequence[Turn], budget: int) -> bool:
    """Whether both can be told whole."""
    return cost(summary) + sum(count_tokens(turn.content) + TURN_TOKENS for turn in turns) <= budget


def fitted(summary: str, turns: Sequence[Turn], budget: int) -> Fitted:
    """Both as they are where they fit; else the newest turns, and of the others the best sentences.

    Of the last exchange there is always something, because a follow-up leans on it. No budget, no memory.
    """
    if budget <= 0 or fits(summary, turns, budget):
        return Fitted("", ()) if budget <= 0 else Fitted(summary, tuple(turns))
    summary = shortened(summary, longest(budget))
    room = max(round(budget * SUMMARY_SHARE) - count_tokens(summary), round(budget * _ADDED_SHARE))
    left = budget - cost(summary or "…") - room
    kept, cut = trim_history(turns, left)
    if not kept and turns:
        kept, cut = _last(turns, left), max(0, len(turns) - 2)
    added = by_sentences("", turns[:cut], room)
    return Fitted("\n".join(filter(None, (summary, added))), kept, cut)


def longest(budget: int) -> int:
    """How many tokens a summary may have that a user wrote."""
    return round(budget * _MOST_SHARE)


def cost(summary: str) -> int:
    """Tokens of a summary as it is told."""
    return sum(count_tokens(turn.content) + TURN_TOKENS for turn in _told(summary))


def summary_messages(summary: str) -> list[BaseMessage]:
    """A summary before the turns that follow it; as an exchange, because some servers want one."""
    from app.chat.generate import as_messages

    return as_messages(_told(summary))


def _told(summary: str) -> tuple[Turn, ...]:
    if not summary.strip():
        return ()
    texts = summary_texts(detect_language(summary))
    frame = texts["frame"].format(summary=summary.strip())
    return Turn(role=Role.USER, content=frame), Turn(role=Role.ASSISTANT, content=texts["reply"])


def _last(turns: Sequence[Turn], budget: int) -> tuple[Turn, ...]:
    """The last exchange, shortened: half of the room for the question at most, the rest for the answer."""
    kept: list[Turn] = []
    for share, turn in zip((2, 1), turns[-2:], strict=False):
        text = shortened(turn.content, budget // share - TURN_TOKENS)
        if text:
            kept.append(turn.model_copy(update={"content": text}))
            budget -= count_tokens(text) + TURN_TOKENS
    return tuple(kept) if kept and kept[0].role is Role.USER else ()
