"""The viewer shows what an answer cites, says what became of it, and opens nothing else."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cited_library import Library, serving
from doubles import paragraph, write_pdf
from PIL import Image
from support.pdf_text import text_in

LEAVE = "Every employee has 25 days of paid leave."
LAPSE = "Unused days lapse in March."


def handbook(library: Library, pages: int = 3) -> Path:
    """A PDF whose second page says how much leave there is."""
    texts = [paragraph(f"Chapter {n} of the handbook.", "It binds all staff.") for n in range(1, pages + 1)]
    texts[1] = paragraph("Leave grows with service.", LEAVE, LAPSE)
    path = write_pdf(library.folder / "handbook.pdf", texts, title="Handbook")
    library.index()
    return path


def note(library: Library, name: str = "leave.md", text: str = f"# Leave\n\n{LEAVE} {LAPSE}\n") -> Path:
    path = library.folder / name
    path.write_text(text, encoding="utf-8")
    library.index()
    return path


def body(library: Library, address: str, status: int = 200, **headers: str) -> str:
    answer = library.client.get(address, headers=headers)
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def boxes(library: Library, address: str) -> dict[str, Any]:
    return library.client.get(f"{address}/boxes").json()


# -- pages of a PDF --------------------------------------------------------------------------------------


def test_a_pdf_opens_on_the_page_of_the_quote_with_a_box_around_it(library: Library):
    path = handbook(library)
    address = library.answer(library.citation(LEAVE))
    shown = body(library, f"{address}/1")
    assert 'src="1/page/2?width=' in shown
    assert shown.count("<rect") == 2, "the box, and the line around it"
    found = boxes(library, f"{address}/1")
    assert (found["pages"], found["page"], found["share"], found["state"]) == (3, 2, 1.0, "same")
    [[left, top, across, down]] = found["boxes"]["2"]
    width, height = found["sizes"][1]
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    assert text_in(path, {2: [box]}) == [LEAVE]


def test_a_page_is_drawn_and_the_box_lies_on_ink(library: Library):
    handbook(library)
    address = library.answer(library.citation(LEAVE))
    answer = library.client.get(f"{address}/1/page/2?width=900")
    assert answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content)).convert("L")
    assert image.width == 900
    [[left, top, across, down]] = boxes(library, f"{address}/1")["boxes"]["2"]
    edges = (
        left * image.width,
        top * image.height,
        (left + across) * image.width,
        (top + down) * image.height,
    )
    assert image.crop(tuple(round(edge) for edge in edges)).getextrema()[0] < 100
    above = tuple(round(edge) for edge in (edges[0], edges[1] - 2.5, edges[2], edges[1] - 1))
    assert image.crop(above).getextrema()[0] > 200, "nothing is cut off by its upper edge"


def test_other_pages_of_the_same_file_can_be_turned_to(library: Library):
    handbook(library)
    address = library.answer(library.citation(LEAVE))
    shown = body(library, f"{address}/1?page=3")
    assert 'src="1/page/3?' in shown
    assert "<rect" not in shown
    assert 'value="3"' in shown
    assert library.client.get(f"{address}/1/page/3").status_code == 200
    assert 'src="1/page/3?' in body(library, f"{address}/1?page=99"), "past the end is the last one"
    for beyond in (0, 4, 99999999999):
        assert library.client.get(f"{address}/1/page/{beyond}").status_code in (404, 422)


def test_a_picture_is_sent_once_until_the_file_changes(library: Library):
    path = handbook(library)
    address = library.answer(library.citation(LEAVE))
    first = library.client.get(f"{address}/1/page/2")
    again = {"if-none-match": first.headers["etag"]}
    assert library.client.get(f"{address}/1/page/2", headers=again).status_code == 304
    write_pdf(path, [paragraph("Other words.")] * 3)
    assert library.client.get(f"{address}/1/page/2", headers=again).status_code == 200


def test_a_pdf_can_be_read_as_text_too(library: Library):
    handbook(library)
    address = library.answer(library.citation(LEAVE))
    shown = body(library, f"{address}/1?view=text")
    assert f"<mark>{LEAVE}</mark>" in shown
    assert "As page" in shown


def test_a_pdf_that_cannot_be_drawn_falls_back_to_its_text(library: Library):
    path = handbook(library)
    address = library.answer(library.citation(LEAVE))
    path.write_bytes(b"%PDF-1.7 and nothing more")
    shown = body(library, f"{address}/1")
    assert "cannot be shown" in shown
    assert f"<mark>{LEAVE}</mark>" in shown
    assert "has changed" in shown


def test_a_page_without_letters_says_that_it_is_a_picture(library: Library):
    path = write_pdf(library.folder / "scan.pdf", [paragraph(LEAVE)])
    library.index()
    address = library.answer(library.citation(LEAVE))
    write_pdf(path, [["0 0 1 rg 100 100 200 200 re f\n"]])
    shown = body(library, f"{address}/1?view=page")
    assert "This page is a picture" in shown
    assert f"<q>{LEAVE}</q>" in shown


# -- other documents -------------------------------------------------------------------------------------


def test_a_note_is_shown_with_the_quote_marked_among_what_stands_around(library: Library):
    note(library)
    shown = body(library, f"{library.answer(library.citation(LEAVE))}/1")
    assert f"<mark>{LEAVE}</mark> {LAPSE}" in shown
    assert 'class="cited"' in shown


def test_rows_are_shown_as_a_table(library: Library):
    note(library, "leave.csv", "years,days\n1,15\n3,18\n")
    shown = body(library, f"{library.answer(library.citation('| 3 | 18 |'))}/1")
    assert "<th>years</th>" in shown
    assert "<td><mark>18</mark></td>" in shown
    assert "row" in shown


def test_a_long_document_is_shown_in_parts(library: Library):
    text = "\n\n".join(f"# Rule {n}\n\nRule {n} says that {'word ' * 40}ends with {n}x." for n in range(60))
    note(library, "rules.md", text)
    address = library.answer(library.citation("ends with 30x."))
    shown = body(library, f"{address}/1")
    assert "ends with 30x" in shown and "ends with 0x" not in shown and "ends with 59x" not in shown
    link = re.search(r'href="(1\?[^"]*before=(\d+)[^"]*)"[^>]*>Show what stands before', shown)
    assert link, "there is a way to what stands before"
    more = body(library, f"{address}/{link[1].replace('&amp;', '&')}")
    assert len(re.findall("<section", more)) > len(re.findall("<section", shown))
    everything = body(library, f"{address}/1?before=99999999999999&after=500")
    assert "ends with 30x" in everything, "a senseless number is as good as none"


def test_a_member_of_an_archive_is_shown_and_the_archive_is_offered(library: Library):
    with zipfile.ZipFile(library.folder / "mails.zip", "w") as archive:
        archive.writestr("inner/leave.md", f"# Leave\n\n{LEAVE}\n")
    library.index()
    address = library.answer(library.citation(LEAVE))
    shown = body(library, f"{address}/1")
    assert "is a part of mails.zip" in shown
    assert library.client.get(f"{address}/1/file").content[:2] == b"PK"


# -- what became of the file -----------------------------------------------------------------------------


def test_a_file_that_changed_is_said_to_have(library: Library):
    path = note(library)
    address = library.answer(library.citation(LEAVE))
    assert "has changed" not in body(library, f"{address}/1")
    path.write_text("# Leave\n\nNobody has any.\n", encoding="utf-8")
    shown = body(library, f"{address}/1")
    assert "has changed since it was indexed" in shown
    assert LEAVE in shown, "what was cited stays visible"
    library.index()
    shown = body(library, f"{address}/1")
    assert "has changed since it was indexed" in shown
    assert "Nobody has any." in shown


def test_a_changed_pdf_without_the_words_shows_what_was_cited(library: Library):
    path = handbook(library)
    address = library.answer(library.citation(LEAVE))
    write_pdf(path, [paragraph("Other words entirely, and none about days off.")] * 3)
    shown = body(library, f"{address}/1")
    assert f"<mark>{LEAVE}</mark>" in shown
    assert "As page" in shown


def test_a_file_that_is_gone_is_shown_as_it_was_indexed(library: Library):
    path = handbook(library)
    address = library.answer(library.citation(LEAVE))
    path.unlink()
    shown = body(library, f"{address}/1")
    assert "is no longer where it was" in shown
    assert f"<mark>{LEAVE}</mark>" in shown
    assert "Download" not in shown
    assert "no longer there" in body(library, f"{address}/1/file", 410)
    assert library.client.get(f"{address}/1/page/2").status_code == 404


def test_a_document_that_left_the_collection_leaves_the_cited_passage(library: Library):
    path = note(library)
    address = library.answer(library.citation(LEAVE))
    path.unlink()
    (library.folder / "other.md").write_text("# Other\n\nSomething else.\n", encoding="utf-8")
    library.index()
    shown = body(library, f"{address}/1")
    assert f"<mark>{LEAVE}</mark>" in shown
    assert "kept with the answer" in shown


def test_a_source_is_found_after_its_conversation_turned_to_another_collection(library: Library):
    note(library)
    address = library.answer(library.citation(LEAVE), collection="elsewhere")
    assert f"<mark>{LEAVE}</mark>" in body(library, f"{address}/1")


# -- the original itself ---------------------------------------------------------------------------------


def test_the_original_is_sent_to_be_kept_and_never_shown(library: Library):
    path = note(library, "휴가 규정 (1).html", f"<h1>Leave</h1><p>{LEAVE}</p><script>alert(1)</script>")
    answer = library.client.get(
        f"{library.answer(library.citation(LEAVE))}/1/file", headers={"accept": "text/html"}
    )
    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    kept = answer.headers["content-disposition"]
    assert kept.startswith("attachment; filename*=utf-8''%ED%9C%B4%EA%B0%80%20")


def test_a_name_that_the_file_system_keeps_decomposed_is_found(library: Library):
    name = unicodedata.normalize("NFD", "휴가 규정.md")
    note(library, name)
    address = library.answer(library.citation(LEAVE))
    assert "is not where it was" not in body(library, f"{address}/1")
    assert LEAVE.encode() in library.client.get(f"{address}/1/file").content


# -- only by id ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    [
        "/2",
        "/0",
        "/1/page/1",
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd/1",
        "/1/file/../../secret",
        "/1/secret.md",
        "/closest/1",
        "",
    ],
)
def test_nothing_else_can_be_opened(library: Library, rest: str):
    note(library)
    (library.folder.parent / "secret.md").write_text("secret", encoding="utf-8")
    address = library.answer(library.citation(LEAVE))
    answer = library.client.get(address + rest)
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.md", "")


@pytest.mark.parametrize("message", ["nobody", "x' OR '1'='1", "..", "%00", "a" * 5000])
def test_an_unknown_answer_has_a_page_that_says_so(library: Library, message: str):
    answer = library.client.get(f"/source/{message}/1", headers={"accept-language": "ko-KR"})
    assert answer.status_code == 404
    if answer.headers["content-type"].startswith("text/html"):
        assert "출처를 찾을 수 없습니다" in answer.text


def test_the_closest_passages_of_a_refusal_have_addresses_of_their_own(library: Library):
    note(library)
    address = library.answer(closest=(library.citation(LAPSE),))
    assert f"<mark>{LAPSE}</mark>" in body(library, f"{address}/closest/1")
    assert 'href="../../assets/viewer.css' in body(library, f"{address}/closest/1")
    assert library.client.get(f"{address}/closest/1/file").status_code == 200
    body(library, f"{address}/1", 404)


def test_documents_cannot_put_markup_on_the_page(library: Library):
    hostile = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
    note(library, "a.txt", f"{hostile} {LEAVE}\n")
    changed = library.citation(LEAVE, title=hostile, source=hostile, headings=(hostile,), record_id=hostile)
    shown = body(library, f"{library.answer(changed)}/1")
    assert "<img" not in shown
    assert shown.count("<script") == 1


def test_the_page_may_load_nothing_from_elsewhere_and_run_no_script_but_ours(library: Library):
    note(library)
    answer = library.client.get(
        f"{library.answer(library.citation(LEAVE))}/1", headers={"accept": "text/html"}
    )
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy and "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.text)
    assert not re.search(r' (?:style|on\w+)="', answer.text)
    for asset in re.findall(r'"(\.\./assets/[^"]+)"', answer.text):
        assert library.client.get(f"/source/{asset.removeprefix('../')}").status_code == 200


# -- around it -------------------------------------------------------------------------------------------


def test_the_page_speaks_the_language_that_its_address_names(library: Library):
    note(library)
    address = library.answer(library.citation(LEAVE))
    assert "내려받기" in body(library, f"{address}/1?lang=ko")
    assert "Download" in body(library, f"{address}/1?lang=xx")
    assert "내려받기" in body(library, f"{address}/1", **{"accept-language": "ko"})


def test_it_answers_below_a_base_path_as_well(library: Library):
    note(library)
    address = library.answer(library.citation(LEAVE))
    with serving(lambda: library.runtime, "/rag/") as client:
        assert LEAVE in client.get(f"/rag{address}/1").text
        assert LEAVE in client.get(f"{address}/1").text
        assert client.get("/rag/source/assets/viewer.js").status_code == 200


def test_an_error_becomes_a_page_without_a_trace(library: Library):
    def broken() -> Any:
        raise RuntimeError("/secret/path")

    with serving(broken) as client:
        answer = client.get("/source/x/1")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "/secret/path" not in answer.text
