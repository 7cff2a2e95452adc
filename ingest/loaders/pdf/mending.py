"""Words of a PDF that the end of a line divided, put together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ingest.loaders.base import Block

BREAK = "\x02"
"""PDFium's mark (or U+FFFE) for a word that was divided at the end of a line."""

_DIVIDED = re.compile(rf"(\w+)(?:{BREAK}|-\n)(\w+)")
_WORD = re.compile(r"\w{4,}")
_HYPHENED = re.compile(r"(?=(?<!\w)(\w+-\w+))")


def mended(blocks: list[Block]) -> list[Block]:
    """Put divided words together again, with the hyphen where the document writes them so elsewhere."""
    divided = [block.text for block in blocks if _DIVIDED.search(block.text)]
    mend = _mender(blocks, divided) if divided else None
    whole = []
    for block in blocks:
        if mend and (BREAK in block.text or "-\n" in block.text):
            block = replace(block, text=_DIVIDED.sub(mend, block.text))
        if BREAK in block.text:
            block = replace(block, text=block.text.replace(BREAK, "-"))
        whole.append(block)
    return whole


def _mender(blocks: Sequence[Block], divided: Sequence[str]) -> Callable[[re.Match[str]], str]:
    everything = "\n".join(block.text.lower() for block in blocks)
    whole, hyphened = set(_WORD.findall(everything)), set(_HYPHENED.findall(everything))

    def vote(left: str, right: str) -> int:
        """1: one word; -1: a hyphen belongs there; 0: the document does not tell."""
        left, right = left.lower(), right.lower()
        return (left + right in whole) - (f"{left}-{right}" in hyphened)

    votes = sum(vote(left, right) for text in divided for left, right in _DIVIDED.findall(text))

    def mend(match: re.Match[str]) -> str:
        own = vote(match[1], match[2]) or (votes if match[2].islower() else 0)
        return f"{match[1]}{match[2]}" if own > 0 else f"{match[1]}-{match[2]}"

    return mend
