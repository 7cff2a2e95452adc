"""Exports as PDF, set by Typst: footnotes at the foot of the page, Korean embedded, text to be searched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from app.errors import MissingExtraError
from app.export.blocks import (
    Block,
    Code,
    Document,
    Flag,
    Heading,
    Inline,
    Inlines,
    Item,
    Ref,
    Table,
    Text,
)
from app.export.fonts import BUNDLE, Fonts, fonts
from app.export.words import Words

_TEMPLATE = Path(__file__).with_name("pdf.typ")
_REGIONS = {"en": "US", "ko": "KR"}

# The archive standard refuses text that no font can show: that is how such text becomes known.
_STANDARD: Literal["a-2u"] = "a-2u"
_UNSHOWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_JOINERS = "\u200c\u200d\ufe0e\ufe0f\u20e3"
"""Parts of an emoji that show nothing by themselves."""

_ROUNDS = 8
_MOST_CODES = 24


def write(document: Document) -> bytes:
    """The bytes of a PDF. It shows letters that no font of this machine has by their codes, and says so.

    Raises:
        MissingExtraError: this machine has no font with Korean letters, and the text has some.
    """
    import typst

    found = fonts()
    missing: set[str] = set()
    for _ in range(_ROUNDS):
        try:
            return _compiled(document, found, missing, _STANDARD)
        except typst.TypstError as error:
            unshown = _unshown(str(error.diagnostic))
            if not unshown - missing:  # refused for another reason: an archive is not what matters most
                break
            _check_korean(unshown, found)
            missing |= unshown
    return _compiled(document, found, missing, None)


def _compiled(document: Document, found: Fonts, missing: set[str], standard: Literal["a-2u"] | None) -> bytes:
    import typst

    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(_Data(document, missing).all(found), ensure_ascii=False)},
        font_paths=found.all,
        pdf_standards=standard,
    )


def _unshown(diagnostic: str) -> set[str]:
    """Letters that Typst names as those that no font has."""
    texts = (_ESCAPE.sub(lambda code: chr(int(code[1], 16)), text) for text in _UNSHOWN.findall(diagnostic))
    return {letter for text in texts for letter in text if not letter.isascii()}


def _check_korean(unshown: set[str], found: Fonts) -> None:
    if not found.has_korean and any("가" <= letter <= "힣" for letter in unshown):
        raise MissingExtraError(
            "This machine has no font with Korean letters, which a PDF needs. "
            f"Install one (pip install {BUNDLE.replace('_', '-')}), or export to .docx or .md.",
            package=BUNDLE,
        )


class _Data:
    """The document as the template reads it. Letters that cannot be shown are replaced by their codes."""

    def __init__(self, document: Document, missing: set[str]) -> None:
        self._document = document
        self._codes = {ord(letter): f"[U+{ord(letter):04X}]" for letter in missing}
        self._codes |= {ord(letter): "" for letter in missing.intersection(_JOINERS)}
        self._seen: set[int] = set()

    def all(self, found: Fonts) -> dict[str, Any]:
        document, words = self._document, Words(self._document.language)
        facts = [*map(self._said, document.facts)]
        if codes := [code for code in sorted(self._codes.values()) if code]:
            more = " …" if len(codes) > _MOST_CODES else ""
            facts.append(words("missing", letters=" ".join(codes[:_MOST_CODES]) + more))
        return {
            "title": self._said(document.title),
            "language": document.language,
            "region": _REGIONS[document.language],
            "fonts": list(found.families),
            "has_bold": found.has_bold,
            "facts": facts,
            "blocks": [self._block(block) for block in document.blocks],
            "notes": [self._inlines(note.inlines) for note in document.notes],
        }

    def _said(self, text: str) -> str:
        return text.translate(self._codes)

    def _block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, Table):
            return {"kind": "table", "rows": [[self._inlines(cell) for cell in row] for row in block.rows]}
        if isinstance(block, Code):
            return {"kind": "code", "text": self._said(block.text), "level": block.level}
        shape = {"inlines": self._inlines(block.inlines), "level": block.level}
        if isinstance(block, Heading):
            return {"kind": "heading", **shape}
        if isinstance(block, Item):
            return {"kind": "item", **shape, "sign": "–" if block.number is None else f"{block.number}."}
        return {"kind": block.kind, **shape}

    def _inlines(self, inlines: Inlines) -> list[dict[str, Any]]:
        return [self._inline(part) for part in inlines]

    def _inline(self, part: Inline) -> dict[str, Any]:
        if isinstance(part, Text):
            styles = {"bold": part.bold, "italic": part.italic, "strike": part.strike, "code": part.code}
            return {"text": self._said(part.text), **styles}
        if isinstance(part, Ref):
            first = part.n not in self._seen
            self._seen.add(part.n)
            return {"ref": part.n, "first": first}
        return {"flag": part.support.value} if isinstance(part, Flag) else {"break": True}
