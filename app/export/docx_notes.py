"""Word's own footnotes, which python-docx does not know: their part, and the marks that point to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

NOTE_STYLE, MARK_STYLE = "footnote text", "footnote reference"

_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"

# The lines that part notes from the text, and from a note that goes on: Word wants them among the notes.
_SEPARATORS = {-1: "separator", 0: "continuationSeparator"}
# Word refuses settings that stand in another order than its schema's.
_LATER_SETTINGS = ("w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr", "w:themeFontLang")


class Footnotes:
    """The footnotes of a document that has the styles NOTE_STYLE and MARK_STYLE.

    A note is written where the first mark points to it; further marks show its number.

    Args:
        write: puts the words of the note with this number into a paragraph.
    """

    def __init__(self, document: Document, write: Callable[[int, Paragraph], None]) -> None:
        from docx.opc.packuri import PackURI
        from docx.parts.story import StoryPart

        self._write = write
        self._written: set[int] = set()
        self._root = element("w:footnotes")
        self._part = StoryPart(PackURI("/word/footnotes.xml"), _CONTENT, self._root, document.part.package)
        document.part.relate_to(self._part, _RELATION)
        listed = element("w:footnotePr")
        document.settings.element.insert_element_before(listed, *_LATER_SETTINGS)
        for number, kind in _SEPARATORS.items():
            note = child(self._root, "w:footnote", id=number, type=kind)
            child(child(child(note, "w:p"), "w:r"), f"w:{kind}")
            child(listed, "w:footnote", id=number)

    def mark(self, n: int, paragraph: Paragraph, *, follows: bool = False) -> None:
        """The raised number of note `n` at the paragraph's end, behind a comma if it `follows` one."""
        if follows:
            child(_run(paragraph), "w:t").text = ","
        if n in self._written:
            _refer_again(n, paragraph)
            return
        self._written.add(n)
        child(paragraph._p, "w:bookmarkStart", id=n, name=_bookmark(n))
        child(_run(paragraph), "w:footnoteReference", id=n)
        child(paragraph._p, "w:bookmarkEnd", id=n)
        self._append(n)

    def _append(self, n: int) -> None:
        from docx.text.paragraph import Paragraph

        note = child(self._root, "w:footnote", id=n)
        paragraph = Paragraph(child(note, "w:p"), self._part)
        paragraph._p.style = style_id(NOTE_STYLE)
        child(_run(paragraph), "w:footnoteRef")
        paragraph.add_run(" ")
        self._write(n, paragraph)


def _refer_again(n: int, paragraph: Paragraph) -> None:
    """A field that shows the number of a note."""
    child(_run(paragraph), "w:fldChar", fldCharType="begin")
    child(_run(paragraph), "w:instrText").text = f"NOTEREF {_bookmark(n)} \\f \\h"
    child(_run(paragraph), "w:fldChar", fldCharType="separate")
    child(_run(paragraph), "w:t").text = str(n)
    child(_run(paragraph), "w:fldChar", fldCharType="end")


def _bookmark(n: int) -> str:
    return f"_RefNote{n}"


def _run(paragraph: Paragraph) -> Any:
    run = paragraph.add_run()._r
    run.style = style_id(MARK_STYLE)
    return run


def style_id(name: str) -> str:
    """A style's name within the file; python-docx would look through all styles for each paragraph."""
    return name.title().replace(" ", "")


def element(tag: str, **attributes: object) -> Any:
    """A new element of Word's own names, such as `element("w:footnote", id=3)`."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    return OxmlElement(tag, {qn(f"w:{name}"): str(value) for name, value in attributes.items()})


def child(parent: Any, tag: str, **attributes: object) -> Any:
    """The same, as the last child of `parent`."""
    made = element(tag, **attributes)
    parent.append(made)
    return made
