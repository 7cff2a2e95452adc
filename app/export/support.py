"""Sentences that the sources do not carry, or carry in part: flagged where they stand, listed below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from app.export.blocks import Block, Flag, Inline, Inlines, Ref, Text, rewritten, sequences
from app.schemas import CheckedSentence, Support

_MARKS = re.compile(r"\[\d+\]")
_SENTENCE_ENDS = re.compile(r"[^\w\s]*")


def flagged(blocks: Sequence[Block], sentences: Sequence[CheckedSentence]) -> tuple[Block, ...]:
    """The blocks with a flag behind each sentence that is not supported in full, where it is found.

    Sentences are compared by their letters and digits alone: blocks have lost the Markdown that the
    sentences may still have.
    """
    letters = _Letters.of(sequences(blocks))
    flags: dict[int, list[tuple[int, int, Flag]]] = {}
    begin = 0
    for sentence in sentences:
        wanted = _compact(_MARKS.sub("", sentence.text))
        at = letters.said.find(wanted, begin) if wanted else -1
        if at < 0:
            continue
        begin = at + len(wanted)
        if sentence.support is not Support.SUPPORTED:
            sequence, inline, offset = letters.places[begin - 1]
            flags.setdefault(sequence, []).append((inline, offset + 1, Flag(sentence.support)))
    here = count()
    return rewritten(blocks, lambda inlines: _with_flags(inlines, flags.get(next(here), [])))


@dataclass
class _Letters:
    """All letters and digits, and where each stands: number of the sequence, of its inline, offset in it."""

    said: str = ""
    places: list[tuple[int, int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, found: Iterator[Inlines]) -> _Letters:
        letters: list[str] = []
        places = []
        for s, inlines in enumerate(found):
            for i, inline in enumerate(inlines):
                for offset, letter in enumerate(inline.text if isinstance(inline, Text) else ""):
                    small = _compact(letter)
                    letters.append(small)
                    places += [(s, i, offset)] * len(small)
        return cls("".join(letters), places)


def _compact(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _with_flags(inlines: Inlines, flags: Sequence[tuple[int, int, Flag]]) -> Inlines:
    for i, offset, flag in reversed(flags):
        inlines = (*inlines[:i], *_split(inlines[i:], offset, flag))
    return inlines


def _split(inlines: Inlines, offset: int, flag: Flag) -> Iterator[Inline]:
    """The flag goes behind the sentence's own punctuation and marks."""
    rest = iter(inlines)
    begin = offset
    for inline in rest:
        if isinstance(inline, Text):
            end = _end_of_sentence(inline.text, begin)
            if end < len(inline.text):
                yield replace(inline, text=inline.text[:end])
                yield from (flag, replace(inline, text=inline.text[end:]))
                break
        elif not isinstance(inline, Ref):
            yield from (flag, inline)
            break
        yield inline
        begin = 0
    else:
        yield flag
    yield from rest


def _end_of_sentence(text: str, begin: int) -> int:
    match = _SENTENCE_ENDS.match(text, begin)
    return match.end() if match else begin
