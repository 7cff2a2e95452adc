"""Exports as PDF: read with PDFium, as people's browsers do."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
import typst
from pypdf import PdfReader
from support.answers import QUOTE, answer, citation

from app.errors import MissingExtraError
from app.export import Turn, export, fonts, turn_of
from app.schemas import CheckedSentence, Support


def pages(*turns: Turn, language: str = "ko", **options: str) -> list[str]:
    with pypdfium2.PdfDocument(export(turns, "pdf", language, **options).data) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_korean_and_english_come_out_with_their_footnotes():
    [page] = pages(turn_of(answer("연차는 **15일**입니다 [1]. It is *well* known [1].")), collection="hr")
    said = flat(page)
    assert "연차는 15일입니다1" in said
    assert "It is well known1" in said
    assert f"hr/휴가 규정.pdf, 3쪽: “{QUOTE}”" in said
    assert "“hr” 문서 모음" in said
    assert said.count("hr/휴가 규정.pdf") == 1
    assert "1 / 1" in said


def test_a_footnote_stands_on_the_page_of_its_mark():
    turns = [
        turn_of(
            answer(
                f"문장 {i}번입니다 [1]. " + "이어지는 말입니다. " * 60, citation(1, quote=f"인용 {i}번이다.")
            )
        )
        for i in range(12)
    ]
    found = pages(*turns, title="긴 대화")
    assert len(found) > 2
    for i in range(12):
        [where] = [n for n, page in enumerate(found) if f"문장 {i}번입니다{i + 1}" in flat(page)]
        assert f"“인용 {i}번이다.”" in flat(found[where])


def test_it_is_light_and_tells_its_title_and_language():
    data = export([turn_of(answer())], "pdf", "ko").data
    reader = PdfReader(io.BytesIO(data))
    assert len(data) < 200_000
    assert reader.metadata.title == "휴가는 며칠인가요?"
    assert reader.trailer["/Root"]["/Lang"] == "ko-KR"


def test_nothing_in_it_is_live_but_its_own_footnotes():
    text = '[x](http://evil.example/a) ![y](http://b.c) <script>1</script> #image("x") $a$ http://c.d [1]'
    made = answer(text, citation(1, source="http://evil.example/s.md"))
    data = export([turn_of(made)], "pdf", "en").data
    reader = PdfReader(io.BytesIO(data))
    said = flat("".join(page.extract_text() for page in reader.pages))
    assert '#image("x") $a$' in said
    assert "<script>1</script>" in said
    assert "x (http://evil.example/a)" in said
    links = [one.get_object() for page in reader.pages for one in page.get("/Annots", ())]
    assert len(links) >= 2  # from the mark to its note, and back
    assert all("/Dest" in link or link["/A"]["/S"] == "/GoTo" for link in links)
    assert not {"/OpenAction", "/AA"} & reader.trailer["/Root"].keys()


def test_letters_without_a_font_are_told_by_their_codes():
    [page] = pages(turn_of(answer("축하합니다 \U0005abcd 👨\u200d👩\u200d👧 \U00013000 끝 [1]")))
    assert "축하합니다 [U+5ABCD]" in flat(page)
    assert "끝1" in flat(page)
    assert "코드로 적은 글자:" in page


OLD_KOREAN = "\u1112\u119e\u11ab \ue000 \u0301"
STRANGE = ["", "[1]", "- ", "> ", "| a |\n|---|", "```\n```", "999999999. x", OLD_KOREAN]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_answers_are_files(text: str):
    assert pages(turn_of(answer(text)))


def test_tables_lists_and_flags_are_shown():
    table = "| 구분 | 값 |\n|---|---|\n| 연차 | 15일 [1] |"
    text = f"3. 셋째 [1]\n   - 안쪽\n\n{table}\n\n```\nx = 1\n```\n\n> 인용문"
    sentence = CheckedSentence(text="인용문", citations=(1,), support=Support.PARTLY)
    [page] = pages(turn_of(answer(text, sentences=(sentence,))))
    for words in ("3. 셋째1", "– 안쪽", "구분 값", "연차 15일1", "x = 1", "인용문 △"):
        assert words in flat(page)


def test_on_a_machine_without_fonts_the_packaged_one_serves(monkeypatch: pytest.MonkeyPatch):
    real = typst.Fonts
    monkeypatch.setattr(
        typst, "Fonts", lambda font_paths: real(include_system_fonts=False, font_paths=font_paths)
    )
    fonts.fonts.cache_clear()
    try:
        assert fonts.fonts().families[0] == "Noto Sans KR"
        [page] = pages(turn_of(answer("연차는 **15일**입니다 [1].")))
        assert "연차는 15일입니다1" in flat(page)
        assert "코드로" not in page
        monkeypatch.setattr(fonts, "BUNDLE", "no_such_package")
        fonts.fonts.cache_clear()
        with pytest.raises(MissingExtraError, match="pip install pylopdf-fonts-ko"):
            pages(turn_of(answer()))
        english = answer("x [1]", citation(source="a.md", quote="b"), question="c")
        assert pages(turn_of(english), language="en")
    finally:
        fonts.fonts.cache_clear()
