"""Files that show one text to readers and hold another one that nobody sees; made anew, by format and way."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

Maker = Callable[[Path, Sequence[str], str], None]
"""(path, paragraphs to be seen, text to hide) -> None"""


def _pdf(path: Path, shown: Sequence[str], before: str, hidden: str, after: str = "") -> None:
    """A page of plain text, and one more line between two pieces of a page's own language."""
    y = 760
    lines = []
    for text in shown:
        words = _escaped(text)
        for start in range(0, len(words), 90):
            y -= 16
            lines.append(f"BT /F1 11 Tf 60 {y} Td ({words[start : start + 90]}) Tj ET")
    lines.append(f"q {before} ({_escaped(hidden)}) Tj ET {after} Q")
    stream = "\n".join(lines).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    written = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    written += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    written += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        size,
        written.rindex(b"xref\n"),
    )
    path.write_bytes(written)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def pdf(setting: str, place: str = "60 300 Td", size: float = 11) -> Maker:
    def make(path: Path, shown: Sequence[str], hidden: str) -> None:
        _pdf(path, shown, f"{setting} BT /F1 {size} Tf {place}", hidden)

    return make


def pdf_on_dark(path: Path, shown: Sequence[str], text: str) -> None:
    """White on a dark bar: everybody sees it."""
    _pdf(path, shown, "0.1 0.2 0.4 rg 50 290 500 30 re f 1 1 1 rg BT /F1 11 Tf 60 300 Td", text)


def docx(**how: str) -> Maker:
    def make(path: Path, shown: Sequence[str], hidden: str) -> None:
        import docx as library
        from docx.shared import Pt, RGBColor

        document = library.Document()
        for text in shown:
            document.add_paragraph(text)
        run = document.add_paragraph().add_run(hidden)
        if "vanish" in how:
            run.font.hidden = True
        if "white" in how:
            run.font.color.rgb = RGBColor(255, 255, 255)
        if "tiny" in how:
            run.font.size = Pt(1)
        document.save(str(path))

    return make


def pptx(how: str) -> Maker:
    def make(path: Path, shown: Sequence[str], hidden: str) -> None:
        import pptx as library
        from pptx.dml.color import RGBColor
        from pptx.util import Inches, Pt

        show = library.Presentation()
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = shown[0][:60]
        slide.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(2)).text_frame.text = " ".join(
            shown[1:]
        )
        left = Inches(30) if how == "beside" else Inches(1)
        box = slide.shapes.add_textbox(left, Inches(5), Inches(6), Inches(1))
        run = box.text_frame.paragraphs[0].add_run()
        run.text = hidden
        if how == "white":
            run.font.color.rgb = RGBColor(255, 255, 255)
        if how == "tiny":
            run.font.size = Pt(1)
        show.save(str(path))

    return make


def xlsx(how: str) -> Maker:
    def make(path: Path, shown: Sequence[str], hidden: str) -> None:
        import openpyxl
        from openpyxl.comments import Comment
        from openpyxl.styles import Font

        book = openpyxl.Workbook()
        sheet = book.active
        for number, text in enumerate(shown, 1):
            sheet.cell(number, 1, f"Row {number}")
            sheet.cell(number, 2, text)
        cell = sheet.cell(len(shown) + 2, 1)
        if how == "sheet":
            other = book.create_sheet("Other")
            other["A1"] = hidden
            other.sheet_state = "veryHidden"
        elif how == "white":
            cell.value, cell.font = hidden, Font(color="FFFFFFFF")
        else:
            sheet["A1"].comment = Comment(hidden, "Someone")
        book.save(path)

    return make


def html(hidden_part: str, head: str = "") -> Maker:
    def make(path: Path, shown: Sequence[str], hidden: str) -> None:
        body = "".join(f"<p>{text}</p>" for text in shown)
        head_ = f"<head><title>Notice</title>{head}</head>"
        body += hidden_part.format(hidden)
        path.write_text(f"<html>{head_}<body>{body}</body></html>", encoding="utf-8")

    return make


def text(pattern: str) -> Maker:
    def make(path: Path, shown: Sequence[str], hidden: str) -> None:
        path.write_text("\n\n".join([*shown[:1], pattern.format(hidden), *shown[1:]]), encoding="utf-8")

    return make


def tags(path: Path, shown: Sequence[str], hidden: str) -> None:
    """In Unicode's tag letters, which spell ASCII and show nothing."""
    spelled = "".join(chr(0xE0000 + ord(letter)) for letter in hidden if letter.isascii())
    path.write_text("\n\n".join([shown[0] + spelled, *shown[1:]]), encoding="utf-8")


def zero_width(path: Path, shown: Sequence[str], hidden: str) -> None:
    path.write_text("\n\n".join([*shown, "\u200b".join(hidden)]), encoding="utf-8")


def eml(path: Path, shown: Sequence[str], hidden: str) -> None:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Notice"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in shown)
    message.set_content(
        f'<html><body>{body}<div style="color:#fff;font-size:1px">{hidden}</div></body></html>',
        subtype="html",
    )
    path.write_bytes(message.as_bytes())


def hwpx(path: Path, shown: Sequence[str], hidden: str) -> None:
    names = "http://www.hancom.co.kr/hwpml/2011"
    space = f'xmlns:hp="{names}/paragraph" xmlns:hs="{names}/section"'
    runs = "".join(f'<hp:p><hp:run charPrIDRef="0"><hp:t>{one}</hp:t></hp:run></hp:p>' for one in shown)
    runs += f'<hp:p><hp:run charPrIDRef="1"><hp:t>{hidden}</hp:t></hp:run></hp:p>'
    header = (
        '<hh:head xmlns:hh="http://www.hancom.co.kr/hwpml/2011/head"><hh:refList><hh:charProperties>'
        '<hh:charPr id="0" height="1000" textColor="#000000" shadeColor="none"/>'
        '<hh:charPr id="1" height="1000" textColor="#FFFFFF" shadeColor="none"/>'
        "</hh:charProperties></hh:refList></hh:head>"
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/hwp+zip")
        package.writestr("Contents/header.xml", header)
        package.writestr("Contents/section0.xml", f"<hs:sec {space}>{runs}</hs:sec>")


MAKERS: dict[str, Maker] = {
    "white.pdf": pdf("1 1 1 rg"),
    "tiny.pdf": pdf("0 0 0 rg", size=1),
    "beside.pdf": pdf("0 0 0 rg", place="60 -200 Td"),
    "undrawn.pdf": pdf("3 Tr"),
    "vanish.docx": docx(vanish=""),
    "white.docx": docx(white=""),
    "tiny.docx": docx(tiny=""),
    "white.pptx": pptx("white"),
    "tiny.pptx": pptx("tiny"),
    "beside.pptx": pptx("beside"),
    "sheet.xlsx": xlsx("sheet"),
    "white.xlsx": xlsx("white"),
    "comment.xlsx": xlsx("comment"),
    "none.html": html('<div style="display:none">{}</div>'),
    "white.html": html('<span style="color:#fff">{}</span>'),
    "comment.html": html("<!-- {} -->"),
    "alt.html": html('<img src="a.png" alt="{}">'),
    "beside.html": html('<div style="position:absolute;left:-9999px">{}</div>'),
    "size.html": html('<span style="font-size:0">{}</span>'),
    "sheet.html": html('<p class="n">{}</p>', head="<style>.n { opacity: 0 }</style>"),
    "comment.md": text("<!-- {} -->"),
    "span.md": text('See <span style="display:none">{}</span> below.'),
    "title.md": text('[The rules](https://example.com "{}")'),
    "tags.txt": tags,
    "zero-width.txt": zero_width,
    "white.eml": eml,
    "white.hwpx": hwpx,
}
"""Name of a file -> what makes it."""
