"""What the pages say of suspicious text: a badge, a notice, a list; in both languages, never as markup."""

from __future__ import annotations

import pytest

from app.schemas import Citation, IngestReport, Notice, SuspiciousFile
from app.ui.first_page import policy
from app.ui.health_html import sections
from app.ui.source_cards import cards
from app.ui.texts import Texts
from app.ui.turns import notice_html
from app.ui.upload_box import report_html
from ingest.health import Health
from ingest.health.model import Suspicious
from prompts import notice_text

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(("language", "said"), [("en", "contains instructions"), ("ko", "지시문 포함")])
def test_a_marked_source_has_a_badge_that_says_why(language: str, said: str) -> None:
    say = Texts(language)  # type: ignore[arg-type]
    citation = Citation(n=1, source="a.pdf", page=1, quote="Text.", score=0.5, chunk_id="1")
    marked = citation.model_copy(update={"suspicions": ("override", "answer")})
    assert said in cards([marked], "m", say) and say("suspicion.override") in cards([marked], "m", say)
    assert said not in cards([citation], "m", say)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_notice_names_the_file_as_text(language: str) -> None:
    notice = Notice(code="suspicious_passage", values={"sources": HOSTILE})
    shown = notice_html(notice, Texts(language))  # type: ignore[arg-type]
    assert "&lt;img" in shown and "<img" not in shown
    assert HOSTILE in notice_text(notice, "Why?") and HOSTILE in notice_text(notice, "왜 그런가요?")


def test_the_health_report_quotes_the_passages_as_text() -> None:
    found = Suspicious(file=HOSTILE, codes=("hidden_colour", "send"), page=3, quotes=(HOSTILE,))
    health = Health(
        collection="c",
        made_at="2026-01-01T00:00:00+00:00",
        suspicious=(found,),
        suspicious_passages=1,
        suspicious_files=1,
    )
    shown = sections(health, Texts("en"))
    assert "in the colour of the page" in shown and "page 3" in shown and "One passage in one file" in shown
    assert "<img" not in shown and shown.count("&lt;img") == 2


def test_a_page_may_speak_to_its_own_host_alone() -> None:
    rules = dict(rule.split(" ", 1) for rule in policy("docs.example:8501").split("; "))
    assert rules["connect-src"].split()[-2:] == ["ws://docs.example:8501", "wss://docs.example:8501"]
    assert "ws:" not in policy("evil.example; script-src *")
    assert rules["frame-src"] == "'self'"


def test_an_upload_tells_of_it_at_once() -> None:
    file = SuspiciousFile(path=f"/up/{HOSTILE}", codes=("role",), chunks=1)
    shown = report_html(IngestReport(collection="c", added=1, suspicious=(file,)), Texts("en"))
    assert "instructions or hidden text" in shown and "speaks to an assistant" in shown
    assert "&lt;img" in shown and "<img" not in shown
