"""How exports look in Word: fonts that have Korean, calm headings, and the styles of notes and code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.export.docx_notes import MARK_STYLE, NOTE_STYLE, element, style_id

if TYPE_CHECKING:
    from docx.document import Document

    from app.language import Language

CODE_STYLE, CELL_STYLE, REMARK_STYLE, FACTS_STYLE = (
    "Docent Code",
    "Docent Cell",
    "Docent Note",
    "Docent Facts",
)

_LATIN, _KOREAN, _FIXED = "Calibri", "Malgun Gothic", "Consolas"
_LOCALES = {"en": "en-US", "ko": "ko-KR"}
_INK, _GREY, _LINE, _PALE = "1F2328", "6A737D", "C9CED6", "F2F3F5"

# Word refuses properties that stand in another order than its schema's.
_LATER_IN_PARAGRAPHS = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:outlineLvl")

# Style -> size in points, points above and below.
_SIZES = {
    "Normal": (10.5, 0, 6),
    "Title": (20, 0, 4),
    "Heading 1": (14, 18, 6),
    "Heading 2": (12.5, 12, 4),
    "Heading 3": (11.5, 10, 4),
    "Heading 4": (11, 8, 4),
    "Heading 5": (10.5, 8, 4),
    "Heading 6": (10.5, 8, 4),
    "Quote": (10.5, 0, 6),
    CODE_STYLE: (9.5, 0, 8),
    CELL_STYLE: (10, 2, 2),
    REMARK_STYLE: (10, 0, 6),
    FACTS_STYLE: (9, 0, 6),
    NOTE_STYLE: (9, 0, 2),
}
_GREYS = {"Quote", FACTS_STYLE}


def dress(document: Document, language: Language) -> None:
    """Give a new document its styles, page and language."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    styles = document.styles
    for name in (CODE_STYLE, CELL_STYLE, REMARK_STYLE, FACTS_STYLE):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, kind in ((NOTE_STYLE, WD_STYLE_TYPE.PARAGRAPH), (MARK_STYLE, WD_STYLE_TYPE.CHARACTER)):
        made = styles.add_style(name, kind, builtin=True)
        made.element.styleId = style_id(name)  # as Word itself calls them
    styles[NOTE_STYLE].base_style = styles["Normal"]
    styles[MARK_STYLE].font.superscript = True
    for name, (size, above, below) in _SIZES.items():
        style = styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor.from_string(_GREY if name in _GREYS else _INK)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)
        style.paragraph_format.line_spacing = 1.15 if name != NOTE_STYLE else 1.0
        set_fonts(style.element.get_or_add_rPr(), _FIXED if name == CODE_STYLE else _LATIN)
    styles["Title"].font.bold = True
    _frame(styles["Title"], None)
    _frame(styles[CODE_STYLE], "box")
    _close_up(styles["Normal"])
    _frame(styles[REMARK_STYLE], "left")
    _speak(document, language)
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin = section.bottom_margin = Cm(2.2)


def set_fonts(properties: Any, latin: str = _FIXED) -> None:
    """Fonts for Latin and for Korean; without the second, Word would guess one by the language."""
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    fonts.attrib.clear()
    for name, font in {"ascii": latin, "hAnsi": latin, "cs": latin, "eastAsia": _KOREAN}.items():
        fonts.set(qn(f"w:{name}"), font)


def borders() -> Any:
    """Thin grey lines around the cells of a table."""
    made = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        made.append(element(f"w:{side}", val="single", sz=4, space=0, color=_LINE))
    return made


def _speak(document: Document, language: Language) -> None:
    """Tell what language is spell-checked and read aloud."""
    from docx.oxml.ns import qn

    [lang] = document.styles.element.findall(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    lang.set(qn("w:val"), _LOCALES[language])
    lang.set(qn("w:eastAsia"), "ko-KR")
    document.core_properties.language = _LOCALES[language]


def _close_up(style: Any) -> None:
    """No gap of Word's own between Hangul and digits: "15일" is one word."""
    properties = style.element.get_or_add_pPr()
    for name in ("w:autoSpaceDE", "w:autoSpaceDN"):
        properties.insert_element_before(element(name, val=0), *_LATER_IN_PARAGRAPHS[1:])


def _frame(style: Any, kind: str | None) -> None:
    """A line at the left, a pale box, or nothing around the paragraphs of a style."""
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    if kind == "left":
        border = element("w:pBdr")
        border.append(element("w:left", val="single", sz=12, space=8, color=_LINE))
        properties.insert_element_before(border, *_LATER_IN_PARAGRAPHS)
    elif kind == "box":
        shade = element("w:shd", val="clear", color="auto", fill=_PALE)
        properties.insert_element_before(shade, *_LATER_IN_PARAGRAPHS[1:])
