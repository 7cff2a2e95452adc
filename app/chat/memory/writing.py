"""A summary by the language model: the notes so far and the next turns become the new notes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from app.chat.figures import added_numbers
from app.chat.generate import Model, bound, template
from app.chat.interrupt import interruptible
from app.chat.marks import without_marks
from app.chat.tokens import count_tokens
from app.language import detect_language
from app.schemas import Role, Sampling, Turn
from ingest.suspicion import QUESTION, examine
from prompts import summary_texts

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

INPUT_TOKENS = 4000
"""Of turns that a model is given at once; a conversation that came in whole is read in parts."""

_WORDS_PER_TOKEN = 0.5  # what a limit in words leaves of one in tokens, in both languages
_LEAST_TOKENS = 1024  # room for a model that thinks before it writes
_ITEM = re.compile(r"^(?:[-*•·]|\d{1,2}[.)])\s+")
_NAMES = {Role.USER: "User", Role.ASSISTANT: "Assistant"}


def by_model(
    model: Model,
    summary: str,
    turns: Sequence[Turn],
    budget: int,
    *,
    known: str = "",
    cancelled: threading.Event | None = None,
) -> str:
    """The summary carried on over these turns, of `budget` tokens at most; "" if nothing usable came.

    Args:
        known: what the user wrote, which stands before it and is not repeated.

    Raises:
        ModelError: the model does not answer.
    """
    language = detect_language(" ".join(turn.content for turn in turns if turn.role is Role.USER) or summary)
    sampling = Sampling(temperature=0.0, max_tokens=max(_LEAST_TOKENS, 2 * budget))
    chain = template("summarise") | bound(model, sampling=sampling, cancelled=cancelled)
    for conversation in parts(turns):
        given = {
            "language": summary_texts(language)["language"],
            "words": str(max(20, round(budget * _WORDS_PER_TOKEN))),
            "known": known or "–",
            "notes": summary or "–",
            "conversation": conversation,
        }
        said = _said(partial(chain.stream, given), cancelled)
        summary = _usable(said, f"{known}\n{summary}\n{conversation}", budget)
        if not summary or (cancelled is not None and cancelled.is_set()):
            return ""
    return summary


def _said(stream: Callable[[], Iterator[AIMessageChunk]], cancelled: threading.Event | None) -> str:
    return "".join(chunk.text for chunk in interruptible(stream, cancelled))


def parts(turns: Sequence[Turn], size: int = INPUT_TOKENS) -> Iterator[str]:
    """All that was said, word for word, in parts of about `size` tokens."""
    lines: list[str] = []
    room = size
    for turn in turns:
        for piece in _pieces(f"{_NAMES[turn.role]}: {without_marks(turn.content).strip()}", size):
            price = count_tokens(piece)
            if lines and price > room:
                yield "\n".join(lines)
                lines, room = [], size
            lines.append(piece)
            room -= price
    if lines:
        yield "\n".join(lines)


def _pieces(text: str, size: int) -> Iterator[str]:
    """A text that is too long for one part, cut into halves until they fit."""
    if count_tokens(text) <= size:
        yield text
        return
    middle = text.rfind(" ", 1, len(text) // 2) + 1 or len(text) // 2
    yield from _pieces(text[:middle], size)
    yield from _pieces(text[middle:], size)


def _usable(said: str, sources: str, budget: int) -> str:
    """The model's notes as far as they may stay: within the budget, and with no number of the model's own."""
    lines = [_ITEM.sub("- ", line.strip()) for line in without_marks(said).splitlines() if line.strip(" -*#")]
    kept: list[str] = []
    for line, findings in zip(lines, examine(lines) if lines else (), strict=True):
        budget -= count_tokens(line)
        if budget < 0:
            break
        if all(one.code == QUESTION for one in findings) and not added_numbers(line, sources):
            kept.append(line)
        else:
            budget += count_tokens(line)
    return "\n".join(kept)
