"""Reasoning models that think aloud: what stands in `<think>…</think>` before an answer is none of it."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class Thoughts:
    """Takes the thoughts off the beginning of a stream."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._thought = False
        self._passed = False

    def feed(self, text: str) -> str:
        """More of the stream; returns what belongs to the answer."""
        if self._passed:
            return text
        self._held += text
        if self._thinking:
            self._leave()
        elif not self._thought and self._held.lstrip().startswith(_OPEN):
            self._thinking = self._thought = True
            self._leave()
        start = self._held.lstrip()
        if self._thinking or not start or (not self._thought and _OPEN.startswith(start)):
            return ""
        return self.end()

    def end(self) -> str:
        """What was held back until it was clear that it is no thought; "" while thinking."""
        held = "" if self._thinking else self._held
        self._held, self._passed = "", True
        return held.lstrip() if self._thought else held

    def _leave(self) -> None:
        """Go on behind the thoughts, if they have ended; else keep what may be the beginning of their end."""
        _, closed, answer = self._held.partition(_CLOSE)
        self._held = answer if closed else self._held[-len(_CLOSE) :]
        self._thinking = not closed


def without_thoughts(text: str) -> str:
    """The answer alone."""
    thoughts = Thoughts()
    return thoughts.feed(text) + thoughts.end()
