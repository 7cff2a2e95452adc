"""Reasoning models that think aloud: what stands in `<think>…</think>` before an answer is none of it."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class Thoughts:
    """Takes the thoughts off the beginning of a stream."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._passed = False

    def feed(self, text: str) -> str:
        """More of the stream; returns what belongs to the answer."""
        if self._passed:
            return text
        self._held += text
        start = self._held.lstrip()
        if not self._thinking and start.startswith(_OPEN):
            self._thinking = True
        if self._thinking:
            return self._after_thinking()
        if _OPEN.startswith(start[: len(_OPEN)]):
            return ""
        return self.end()

    def end(self) -> str:
        """What was held back until it was clear that it is no thought; "" while thinking."""
        held, self._held = self._held, ""
        self._passed = True
        return "" if self._thinking else held

    def _after_thinking(self) -> str:
        thought, closed, answer = self._held.partition(_CLOSE)
        if not closed:
            self._held = thought[: len(_OPEN)] + thought[len(_OPEN) :][-len(_CLOSE) :]
            return ""
        self._thinking, self._held = False, answer.lstrip()
        return self.end()


def without_thoughts(text: str) -> str:
    """The answer alone."""
    thoughts = Thoughts()
    return thoughts.feed(text) + thoughts.end()
