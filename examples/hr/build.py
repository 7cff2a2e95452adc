"""Build the documents of this example from the Markdown beside it: `python examples/hr/build.py`.

The handbooks become PDF (printed by Chromium, which embeds what it uses of the fonts), the appendices DOCX.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from docx import Document
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from markdown_it import MarkdownIt
from markdown_it.token import Token
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
SOURCES, DOCUMENTS = HERE / "sources", HERE / "documents"
HANDBOOKS = {"larkspur-employee-handbook": "en", "가온정밀-취업안내서": "ko"}
APPENDICES = {"larkspur-travel-and-expenses": "en", "가온정밀-출장및장비지침": "ko"}

FONTS = '"Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", "Apple SD Gothic Neo", sans-serif'
STYLE = f"""
  body {{ font: 10pt/1.5 {FONTS}; font-variant-ligatures: none; color: #1d2433; word-break: keep-all }}
  h1 {{ font-size: 21pt; line-height: 1.25; margin: 0 0 18pt }}
  h2 {{ font-size: 15pt; border-bottom: 1pt solid #c9d1de; padding-bottom: 3pt; break-before: page }}
  h1 + p + h2 {{ break-before: auto }}
  h3 {{ font-size: 11.5pt; font-weight: 400; margin: 16pt 0 4pt; break-after: avoid }}
  table {{ border-collapse: collapse; width: 100%; margin: 8pt 0; break-inside: avoid }}
  th, td {{ border: 0.5pt solid #9aa5b8; padding: 4pt 7pt; text-align: left }}
  th {{ background: #eef2f7; font-weight: 400 }}
"""
FOOTER = (
    "<div style='font-size:8px;width:100%;text-align:center'>"
    "<span class='pageNumber'></span> / <span class='totalPages'></span></div>"
)


def markdown(name: str) -> str:
    return (SOURCES / f"{name}.md").read_text(encoding="utf-8")


def parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def title_of(text: str) -> str:
    return text.splitlines()[0].removeprefix("# ")


# -- PDF -------------------------------------------------------------------------------------------


def page(name: str, language: str) -> str:
    text = markdown(name)
    return (
        f"<!doctype html><html lang={language}><meta charset=utf-8><title>{title_of(text)}</title>"
        f"<style>{STYLE}</style><body>{parser().render(text)}</body></html>"
    )


def build_handbooks() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, language in HANDBOOKS.items():
            tab = browser.new_page()
            tab.set_content(page(name, language))
            tab.pdf(
                path=DOCUMENTS / f"{name}.pdf",
                format="A4",
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
                margin={"top": "18mm", "bottom": "18mm", "left": "22mm", "right": "22mm"},
            )
        browser.close()


# -- DOCX ------------------------------------------------------------------------------------------


def build_appendices() -> None:
    for name in APPENDICES:
        text = markdown(name)
        document = Document()
        document.core_properties.title = title_of(text)
        normal = document.styles["Normal"]
        normal.font.name = "Calibri"
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Malgun Gothic")
        fill(document, parser().parse(text))
        document.save(str(DOCUMENTS / f"{name}.docx"))


def fill(document: DocxDocument, tokens: list[Token]) -> None:
    """Write headings, paragraphs, lists and tables: what the sources use of Markdown."""
    styles = {"paragraph": "Normal"}
    rest = iter(tokens)
    for token in rest:
        if token.type == "heading_open":
            heading(document, int(token.tag[1:]), next(rest))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            styles["paragraph"] = "List Bullet" if token.type.startswith("bullet") else "List Number"
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            styles["paragraph"] = "Normal"
        elif token.type == "table_open":
            table(document, rows(rest))
        elif token.type == "inline":
            write(document.add_paragraph(style=styles["paragraph"]), token)


def heading(document: DocxDocument, level: int, inline: Token) -> None:
    write(document.add_heading(level=level - 1), inline)  # level 0 is Word's title


def write(paragraph: Paragraph, inline: Token) -> None:
    italic = bold = False
    for child in inline.children or []:
        italic = child.type == "em_open" or (italic and child.type != "em_close")
        bold = child.type == "strong_open" or (bold and child.type != "strong_close")
        text = " " if child.type == "softbreak" else child.content
        if text:
            run = paragraph.add_run(text)
            run.italic, run.bold = italic, bold


def rows(tokens: Iterator[Token]) -> list[list[Token]]:
    """The cells of the table whose opening token was just taken, up to its closing one."""
    found: list[list[Token]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline":
            found[-1].append(token)
    return found


def table(document: DocxDocument, cells: list[list[Token]]) -> None:
    grid = document.add_table(rows=len(cells), cols=len(cells[0]), style="Table Grid")
    for row, contents in zip(grid.rows, cells, strict=True):
        for cell, inline in zip(row.cells, contents, strict=True):
            write(cell.paragraphs[0], inline)
    document.add_paragraph()


if __name__ == "__main__":
    DOCUMENTS.mkdir(exist_ok=True)
    build_handbooks()
    build_appendices()
