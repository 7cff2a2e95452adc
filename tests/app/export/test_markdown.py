"""Exports as Markdown, read as GitHub reads it: with footnotes, and with addresses made links."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from support.answers import QUOTE, answer, citation

from app.export import Turn, export, turn_of
from app.history import Failure, Status
from app.schemas import (
    CheckedSentence,
    Contradiction,
    FieldEvidence,
    Mode,
    Notice,
    Reason,
    Refusal,
    Support,
)


def written(*turns: Turn, language: str = "en", **options: str) -> str:
    return export(turns, "md", language, **options).data.decode()


def rendered(markdown: str) -> str:
    """As HTML, by a reader that lets everything through and makes links of addresses."""
    reader = MarkdownIt("commonmark", {"html": True, "typographer": False})
    return reader.enable(["table", "strikethrough"]).use(footnote_plugin).render(markdown)


def text_of(html: str) -> str:
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", html))


def test_a_mark_is_a_footnote_with_file_page_and_quote():
    said = written(turn_of(answer("연차는 15일입니다 [1]. 더 없습니다 [1].")))
    assert "연차는 15일입니다[^1]. 더 없습니다[^1]." in said
    assert f"[^1]: **hr/휴가 규정.pdf, p. 3**: “{QUOTE}”" in said
    html = rendered(said)
    assert html.count('class="footnote-item"') == 1
    assert html.count('class="footnote-ref"') == 2


def test_marks_of_each_answer_begin_at_1_and_footnotes_go_on():
    first = answer("A [1]. B [2].", citation(1), citation(2, page=9))
    second = answer(
        "C [2]. D [1].", citation(1, source="x.md", page=None), citation(2, source="y.md", page=4)
    )
    said = written(turn_of(first), turn_of(second))
    assert "A[^1]. B[^2]." in said
    assert "C[^3]. D[^4]." in said
    assert [line[:20] for line in said.splitlines() if line.startswith("[^")] == [
        "[^1]: **hr/휴가 규정.pdf",
        "[^2]: **hr/휴가 규정.pdf",
        "[^3]: **y.md, p. 4**",
        "[^4]: **x.md**: “연차 ",
    ]


def test_what_nothing_points_to_is_named_and_unknown_marks_stay_words():
    said = written(turn_of(answer("See [1] and [7].", citation(1), citation(2))))
    assert r"See[^1] and \[7\]." in said
    assert "Sources: [^2]" in said


def test_a_footnote_tells_age_and_change():
    old = citation(1, modified="2024-03-02", changed=True, record_id="lee.eml", source="mails.zip", page=None)
    said = written(turn_of(answer("A [1].", old)), language="ko")
    assert "[^1]: **mails.zip · lee.eml**: “" in said
    assert "· 2024-03-02 · 색인한 뒤 바뀜" in said


def test_lists_tables_and_code_keep_their_shape():
    text = (
        "## Steps\n\n3. One [1]\n4. Two\n   - inner *word*\n\n   more of two\n\n"
        "| a | `b|c` |\n|---|---|\n| 1 [1] | **x** |\n\n```\n``` x\n  y\n```\n"
    )
    html = rendered(written(turn_of(answer(text.replace("`b|c`", "`b\\|c`")))))
    assert '<ol start="3">' in html
    assert re.search(r"<li>\s*<p>inner <em>word</em></p>|<li>inner <em>word</em></li>", html)
    assert "<th>a</th>\n<th><code>b|c</code></th>" in html
    assert "<strong>x</strong>" in html
    assert "<h2>Steps</h2>" in html


@pytest.mark.parametrize(
    "emphasis", ["**문서(별표)** 는", "**“인용”** 이다", "*a.* b", "***Both!*** x", "~~No.~~ x"]
)
def test_emphasis_beside_punctuation_is_seen(emphasis: str):
    html = rendered(written(turn_of(answer(emphasis))))
    assert re.search("<(strong|em|s)>", html)
    assert not re.search(r"[*~]{1,3}", text_of(html).replace("openai", ""))


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](http://evil.example/p.png)",
    "[click](http://evil.example/)",
    "<http://evil.example/>",
    "http://evil.example/ www.evil.example mailto:a@evil.example",
    "[x]: http://evil.example/",
    "[^1]: false note",
    "# heading\n---\n> quote\n- item\n1. one\n+ plus\n===",
    "| a | b |\n|---|---|\n| c | d |",
    "```\ncode\n```",
    "~~~\ncode",
    "    indented",
    "&lt;b&gt; &#60; &amp;",
    "*a* _b_ **c** __d__ `e` ~~f~~ $x$ \\",
    "Wow! [1]",
    "a\x00b\x1b[31m\u202eevil\u2066 \ud800\ufffe\U000e0041",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_foreign_text_reads_as_text(hostile: str):
    """As a name, a quote, a title and a question it is shown letter by letter."""
    made = answer("A [1].", citation(1, source=f"{hostile}.md", page=None, quote=hostile), question=hostile)
    html = rendered(written(turn_of(made), Turn("next"), title=hostile))
    tags = set(re.findall(r"<(\w+)", html))
    allowed = {"h1", "h2", "p", "br", "sup", "a", "strong", "em", "hr", "section", "ol", "li", "blockquote"}
    assert tags <= allowed
    assert set(re.findall(r'(?:href|src)="([^"]*)"', html)) <= {"#fn1", "#fnref1"}
    if not re.search("[\x00-\x1f\ud800-\udfff]", hostile):
        assert text_of(html).count(hostile.strip()) >= 3
    assert not re.search("[\x00-\x08\x1b\u202e\u2066\ud800-\udfff\U000e0041]", html)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_model_writes_is_never_live(hostile: str):
    said = written(turn_of(answer(f"{hostile} [1]")))
    html = rendered(said)
    assert not re.search(r"<(script|img|iframe|svg)", html)
    assert all(re.fullmatch(r"#fn(ref)?1(:\d)?", to) for to in re.findall(r'(?:href|src)="([^"]*)"', html))
    assert not re.search(r"(?<!\\):(?=//)|(?<!\\)<", said.replace(":**", ""))


def test_sentences_without_support_are_flagged_and_listed():
    made = answer(
        "**Every employee** has 25 days [1]. They expire on 30 April [1]. They may be paid out.",
        sentences=(
            CheckedSentence(text="Every employee has 25 days.", citations=(1,), support=Support.SUPPORTED),
            CheckedSentence(text="They expire on 30 April.", citations=(1,), support=Support.NOT),
            CheckedSentence(text="They may be paid out.", citations=(), support=Support.PARTLY),
        ),
        score=0.5,
        contradictions=(
            Contradiction(citations=(1, 1), quotes=("25 days.", "24 days."), values=("25 days", "24 days")),
        ),
    )
    said = written(turn_of(made))
    assert "has 25 days[^1]. They expire on 30 April[^1]. ⚠ They may be paid out. △" in said
    assert "> ⚠ **Not found in the sources**:\\\n> “They expire on 30 April.”[^1]" in said
    assert "> △ **Found in the sources only in part**:\\\n> “They may be paid out.”" in said
    assert "**25 days** – “25 days.”[^1]" in said
    assert "50 % of the sentences supported" in said


def test_a_sentence_is_found_in_lists_and_tables_through_its_markdown():
    made = answer(
        "- First *thing* here.\n\n| a | b |\n|---|---|\n| Second thing | x |\n",
        sentences=(
            CheckedSentence(text="First *thing* here.", citations=(), support=Support.NOT),
            CheckedSentence(text="Second thing", citations=(), support=Support.PARTLY),
        ),
    )
    said = written(turn_of(made))
    assert "First *thing* here. ⚠" in said
    assert "| Second thing △ | x |" in said


def test_a_refusal_a_free_answer_and_one_without_a_model_say_what_they_are():
    refused = answer("Nothing.", refused=True, refusal=Refusal(reason="not_found", closest=(citation(),)))
    refused = refused.model_copy(update={"citations": ()})
    said = written(turn_of(refused))
    assert "> **Not found in the documents**" in said
    assert "Closest to the question: [^1]" in said
    assert "not checked against the documents" in written(turn_of(answer("x", mode=Mode.FREE)))
    quoted = answer("x", model=None, notices=(Notice(code="no_model", values={"env_file": "/home/me/.env"}),))
    said = written(turn_of(quoted), language="ko")
    assert "언어 모델 없이 문서에서 가장 알맞은 문장을 모았습니다" in said
    assert "/home/me" not in said


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (Turn("Q", written="Half [1]", status=Status.STOPPED), "Stopped."),
        (Turn("Q", written="Half", status=Status.INTERRUPTED), "Interrupted."),
        (Turn("Q", written="Half", status=Status.STREAMING), "not finished"),
        (Turn("Q", status=Status.ERROR, error=Failure(code="model", message="No `key`.")), r"No \`key\`."),
        (Turn("Q", status=None), "Not answered."),
    ],
)
def test_an_answer_that_did_not_end_says_so(turn: Turn, words: str):
    said = written(turn)
    assert words in said
    assert ("Half" in said) == bool(turn.written)


def test_a_typed_answer_is_a_table_with_its_marks():
    typed = {
        "약": [
            {"성분명": "이부프로펜 [1]", "증상": ["두통", "발열"], "주의사항": []},
            {"성분명": "A|B", "증상": ["x"], "주의사항": ["<b>"]},
        ]
    }
    said = written(turn_of(answer("", typed=typed)), language="ko")
    assert "| **성분명** | **증상** | **주의사항** |" in said
    assert "| 이부프로펜[^1] | 두통; 발열 | – |" in said
    assert r"| A\|B | x | \<b\> |" in said
    typed = {"answer": "15 days [1].", "citations": [1], "confidence": 0.9, "sure": True}
    said = written(turn_of(answer("", typed=typed)))
    assert "**Answer**: 15 days[^1]." in said
    assert "**sure**: yes" in said


def test_each_value_of_a_typed_answer_has_its_footnote_and_null_its_reason():
    typed = {"total": 1100000, "vat": None, "items": [{"name": "A [1]", "tags": []}], "citations": ["x"]}
    [place] = answer("").citations
    evidence = (
        FieldEvidence(path="total", value=1100000, unit="KRW", citation=place),
        FieldEvidence(path="vat", reasons=(Reason(code="not_found"),)),
        FieldEvidence(path="items.0.name", value="A [1]"),
        FieldEvidence(path="items.0.tags", reasons=(Reason(code="no_support", values={"said": "<i>"}),)),
    )
    said = written(turn_of(answer("", typed=typed, evidence=evidence)))
    assert "**total**: 1,100,000 KRW[^1]" in said
    assert "**vat**: – (None of the documents says this.)" in said
    assert r"| A \[1\] | – (The model gave “\<i\>”" in said
    assert "x" in said


def test_facts_name_model_temperature_and_seed():
    said = written(turn_of(answer()), collection="hr")
    assert "*openai:scripted · temperature 0 · seed 7*" in said
    assert "Documents in “hr”" in said
    assert said.startswith("# 휴가는 며칠인가요?\n")
    assert said.count("휴가는 며칠인가요?") == 1


def test_a_long_question_is_a_short_heading_and_a_quote():
    long = "왜 그런가요? " * 40 + "\n둘째 줄"
    said = written(turn_of(answer(question=long)), Turn("B"), title="T")
    [heading] = [line for line in said.splitlines() if line.startswith("## 왜")]
    assert len(heading) < 130
    assert "> 둘째 줄" in said
