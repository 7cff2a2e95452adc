"""Exports for Word: real footnotes, headings, lists and tables."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from app.export.blocks import (
    SIGNS,
    Block,
    Break,
    Code,
    Document,
    Flag,
    Heading,
    Inline,
    Inlines,
    Item,
    Paragraph,
    Ref,
    Table,
    Text,
)
from app.export.docx_look import CELL_STYLE, CODE_STYLE, FACTS_STYLE, REMARK_STYLE, borders, dress, set_fonts
from app.export.docx_notes import Footnotes, child, style_id

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph as DocxParagraph

_STYLES = {"text": "Normal", "quote": "Quote", "note": REMARK_STYLE, "facts": FACTS_STYLE}
_DEEPEST_LIST = 3
"""Levels of lists that Word's own template has styles for."""


def write(document: Document) -> bytes:
    """The bytes of a DOCX."""
    return _Writer(document).bytes()


class _Writer:
    def __init__(self, document: Document) -> None:
        import docx

        self._source = document
        self._docx = docx.Document()
        dress(self._docx, document.language)
        self._notes = {note.n: note.inlines for note in document.notes}
        self._footnotes = Footnotes(self._docx, lambda n, paragraph: self._fill(paragraph, self._notes[n]))
        self._numbers: dict[int, int] = {}

    def bytes(self) -> bytes:
        self._tell_properties()
        self._paragraph("Title", self._source.title)
        for fact in self._source.facts:
            self._paragraph(FACTS_STYLE, fact)
        for block in self._source.blocks:
            self._add(block)
        _number_pages(self._docx.sections[0].footer.paragraphs[0])
        out = BytesIO()
        self._docx.save(out)
        return out.getvalue()

    def _tell_properties(self) -> None:
        from datetime import UTC, datetime

        properties = self._docx.core_properties
        properties.title = self._source.title[:255]  # Word's own limit
        properties.author = properties.last_modified_by = "Docent"
        properties.comments = ""
        properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)

    def _add(self, block: Block) -> None:
        if isinstance(block, Table):
            self._add_table(block)
        elif isinstance(block, Code):
            self._indent(self._paragraph(CODE_STYLE, block.text), block.level)
        elif isinstance(block, Heading):
            self._fill(self._paragraph(f"Heading {block.level}"), block.inlines)
        elif isinstance(block, Item):
            self._add_item(block)
        else:
            self._add_paragraph(block)

    def _paragraph(self, style: str, text: str = "") -> DocxParagraph:
        paragraph = self._docx.add_paragraph(text)
        paragraph._p.style = style_id(style)
        return paragraph

    def _add_paragraph(self, block: Paragraph) -> None:
        paragraph = self._paragraph(_STYLES[block.kind])
        self._indent(paragraph, block.level)
        self._fill(paragraph, block.inlines)

    def _indent(self, paragraph: DocxParagraph, level: int) -> None:
        from docx.shared import Cm

        if level:
            paragraph.paragraph_format.left_indent = Cm(0.63 * level)

    def _add_item(self, item: Item) -> None:
        level = min(item.level, _DEEPEST_LIST)
        kind = "List Bullet" if item.number is None else "List Number"
        style = kind if level == 1 else f"{kind} {level}"
        paragraph = self._paragraph(style)
        if item.number is not None:
            if item.first or level not in self._numbers:
                self._numbers[level] = self._new_list(style, item.number)
            paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = self._numbers[level]
        self._fill(paragraph, item.inlines)

    def _new_list(self, style: str, start: int) -> int:
        """A numbering of its own, or the list would go on where the last one ended."""
        numbering = self._docx.part.numbering_part.element
        named = self._docx.styles[style].element.pPr.numPr.numId.val
        num = numbering.add_num(numbering.num_having_numId(named).abstractNumId.val)
        num.add_lvlOverride(ilvl=0).add_startOverride(min(start, 32_767))
        return int(num.numId)

    def _add_table(self, block: Table) -> None:
        table = self._docx.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
        table._tbl.tblPr.append(borders())
        for i, (row, cells) in enumerate(zip(table.rows, block.rows, strict=True)):
            for cell, inlines in zip(row.cells, cells, strict=True):
                cell.paragraphs[0]._p.style = style_id(CELL_STYLE)
                self._fill(cell.paragraphs[0], inlines)
                for run in cell.paragraphs[0].runs if i == 0 else ():
                    run.bold = True
        child(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")  # is repeated where the table goes on
        self._paragraph(FACTS_STYLE)  # keeps what follows at a distance

    def _fill(self, paragraph: DocxParagraph, inlines: Inlines) -> None:
        before: Inline | None = None
        for part in inlines:
            if isinstance(part, Text):
                _add_text(paragraph, part)
            elif isinstance(part, Ref):
                self._footnotes.mark(part.n, paragraph, follows=isinstance(before, Ref))
            elif isinstance(part, Flag):
                paragraph.add_run(f"{' ' if before else ''}{SIGNS[part.support]}")
            elif isinstance(part, Break):
                paragraph.add_run().add_break()
            before = part


def _add_text(paragraph: DocxParagraph, part: Text) -> None:
    run = paragraph.add_run(part.text)
    # None leaves a switch to the style: what is bold by itself stays so.
    run.bold, run.italic, run.font.strike = part.bold or None, part.italic or None, part.strike or None
    if part.code:
        set_fonts(run._r.get_or_add_rPr())


def _number_pages(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for i, field in enumerate(("PAGE", "NUMPAGES")):
        if i:
            paragraph.add_run(" / ")
        simple = child(paragraph._p, "w:fldSimple", instr=field)
        child(child(simple, "w:r"), "w:t").text = "1"
