"""Text that a person who opens the file does not see, and what becomes of it.

Readers mark it (`Block.hidden`) by how it is hidden. What nobody hides by accident is withheld and told of in
any case; what pages of the web and of offices hide every day only if it reads like instructions to a model.
In neither case is it searched, shown to a model, or cited: what no reader can see is no evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.loaders.base import Block
from ingest.suspicion.examine import examine

ALWAYS = ("colour", "size", "place", "characters")
"""Drawn like its background, or not at all; too small; beside the page; in letters that show nothing."""

PERHAPS = "?"
"""Ends the name where it is not certain that nobody sees it: it stays in the text unless it is suspicious.

Others: `mark` (set not to be shown), `comment`, `sheet` (of a hidden sheet), `label` (what is said in
place of a picture, or when pointing at it).
"""

_PREFIX = "hidden_"
_LONGEST = 2_000
_MOST = 50
# Letters of Unicode's block of tags, which spell ASCII and show nothing; flags of regions are made with them.
_TAGS = range(0xE0000, 0xE0080)
_FLAG, _END_OF_FLAG = "\U0001f3f4", 0xE007F


def is_hidden(code: str) -> bool:
    """Whether a code is that of text that no reader sees, not of what a text says."""
    return code.startswith(_PREFIX)


def code_of(block: Block) -> str:
    """The code of a hidden block's chunk."""
    return f"{_PREFIX}{(block.hidden or '').rstrip(PERHAPS)}"


def way_of(code: str) -> str | None:
    """`Block.hidden` of a chunk that has this code; None for one that is seen."""
    return code.removeprefix(_PREFIX) if is_hidden(code) else None


def parted(blocks: Iterable[Block], around: str = "") -> tuple[list[Block], list[Block]]:
    """What readers see, and what is withheld from them and worth telling, in one block for each page and way.

    Args:
        around: what the document is called.
    """
    seen: list[Block] = []
    doubtful: list[tuple[int, Block]] = []
    withheld: list[Block] = []
    for block in _uncovered(blocks):
        if block.hidden is None:
            seen.append(block)
        elif block.hidden in ALWAYS:
            withheld.append(block)
        else:
            doubtful.append((len(seen), block))
    added = 0
    own = " ".join([around, *(block.text for block in seen)]) if doubtful else ""
    for place, block in doubtful:
        if any(examine([block.text], own)):
            withheld.append(block)
        elif (block.hidden or "").endswith(PERHAPS):
            seen.insert(place + added, replace(block, hidden=None))
            added += 1
    return seen, _joined(withheld)


def _uncovered(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks without tag letters, and what these spell as blocks of their own."""
    for block in blocks:
        if block.text.isascii() or max(block.text) < "\U000e0000":
            yield block
            continue
        shown, spelled = _spelled(block.text)
        yield replace(block, text=shown)
        if spelled.strip():
            yield Block(spelled, page=block.page, line=block.line, hidden="characters")


def _spelled(text: str) -> tuple[str, str]:
    shown, spelled, in_flag = [], [], False
    for letter in text:
        code = ord(letter)
        if code not in _TAGS:
            in_flag = letter == _FLAG
            shown.append(letter)
        elif in_flag:
            shown.append(letter)
            in_flag = code != _END_OF_FLAG
        elif code >= 0xE0020:
            spelled.append(chr(code - 0xE0000))
    return "".join(shown), "".join(spelled)


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """One block for each page and way of hiding; a file that hides a library is told of by its beginning."""
    groups: dict[tuple[int | None, str], list[str]] = {}
    for block in blocks:
        if block.text.strip():
            groups.setdefault((block.page, code_of(block)), []).append(block.text.strip())
    return [
        Block("\n".join(texts)[:_LONGEST], page=page, hidden=way_of(code))
        for (page, code), texts in list(groups.items())[:_MOST]
    ]
