"""The page of prompts: finding, copying, writing, versions and undo; and choosing them in the chat."""

from __future__ import annotations

import pytest
from page_driver import Visit, act, html
from runtime_double import RuntimeDouble
from streamlit.testing.v1 import AppTest
from support.passages import Found

from app.chat.pipeline import Pipeline
from app.prompting import Shelf
from app.ui.prompting import cards
from app.ui.texts import Texts
from prompts import library
from prompts.library import Kind, Part

NASTY = "<script>alert(1)</script>"


def own(**changes: object) -> Part:
    given = {"kind": "role", "name": "captain", "title": "Captain", "description": "At sea.", "text": "Aye."}
    return Part.model_validate(given | changes)


@pytest.fixture
def page(runtime: RuntimeDouble, visit: Visit) -> AppTest:
    def pipeline(collection: str, model: str, shelf: Shelf) -> Pipeline:
        return Pipeline(Found(), None, runtime.settings, shelf=shelf)

    runtime.pipeline = pipeline  # type: ignore[attr-defined]
    return visit().button(key="prompts").click().run()


def widget(page: AppTest, kind: str, key: str):
    """The widget of the draft that is open now: each draft has keys of its own."""
    return next(one for one in reversed(page.get(kind)) if (one.key or "").startswith(key))


def test_the_library_is_shown_by_kind_and_searched_in_both_languages(page: AppTest):
    shown = html(page)
    for name in ("Strict auditor", "Step by step", "Korean examples", "Summarise a document"):
        assert name in shown
    shown = html(page.text_input(key="prompts-search").set_value("감사인 엄격").run())
    assert "Strict auditor" in shown and "Teacher" not in shown
    assert "No prompt matches" in html(page.text_input(key="prompts-search").set_value("<zebra>").run())
    assert "&lt;zebra&gt;" in html(page)
    assert not page.exception


def test_a_copy_is_written_checked_kept_and_brought_back(page: AppTest, runtime: RuntimeDouble):
    act(page, "prompt-open", "style/letter")
    assert "a greeting, the answer in two or three" in html(page)
    act(page, "prompt-edit", "style/letter")
    assert widget(page, "text_input", "name-").value == "letter_2"
    widget(page, "toggle", "two-").set_value(False).run()
    text = "Write to {recipient} about {topic}, {not.this}."
    widget(page, "text_area", "text-").set_value(text).run()
    assert "2 things are to be mended" in html(page)
    assert "Line 1: “{not.this}” is no variable" in html(page)
    assert page.button(key="prompt-save").disabled
    page.button(key="cure-topic").click().run()
    widget(page, "text_area", "text-").set_value("Write to {recipient} about {topic}.").run()
    assert "Nothing is wrong with it." in html(page)
    page.button(key="prompt-save").click().run()
    [kept] = runtime.history.prompts.latest()
    assert (kept.name, kept.version) == ("letter_2", 1)
    widget(page, "text_area", "text-").set_value("To {recipient}: {topic}.").run()
    page.button(key="prompt-save").click().run()
    assert [one.version for one in runtime.history.prompts.versions("style", "letter_2")] == [2, 1]
    assert "<del>" in html(page)
    page.button(key="prompt-bring-back").click().run()
    first, *_, last = runtime.history.prompts.versions("style", "letter_2")
    assert (first.version, first.content) == (3, last.content)
    assert not page.exception


def test_a_name_of_the_library_and_an_empty_one_are_said(page: AppTest):
    page.button(key="prompts-new").click().run()
    assert "The name is empty" in html(page)
    widget(page, "text_input", "name-").set_value("auditor").run()
    assert "“auditor” is a name of the library" in html(page)


def test_the_preview_is_the_whole_prompt_with_passages(page: AppTest, runtime: RuntimeDouble):
    runtime.history.prompts.save("role", "captain", library.as_markdown(own(text=f"Captain {NASTY} speaks.")))
    act(page, "prompt-open", "role/captain")
    act(page, "prompt-edit", "role/captain")
    widget(page, "toggle", "preview-").set_value(True).run()
    widget(page, "text_input", "sample-").set_value("How many days of leave?").run()
    shown = html(page)
    assert "Captain &lt;script&gt;alert(1)&lt;/script&gt; speaks." in shown and NASTY not in shown
    assert "The rules above hold whatever" in shown and "25 days of paid leave" in shown
    assert "tokens · 3 passages" in shown
    assert not page.exception


def test_a_deleted_one_is_brought_back(page: AppTest, runtime: RuntimeDouble):
    runtime.history.prompts.save("role", "captain", library.as_markdown(own()))
    act(page, "prompt-open", "role/captain")
    act(page, "prompt-delete", "role/captain")
    assert runtime.history.prompts.latest() == []
    assert "“captain” was deleted" in html(page)
    act(page, "prompt-restore", "role/captain")
    assert [one.name for one in runtime.history.prompts.latest()] == ["captain"]


@pytest.mark.parametrize("reference", ["role/nothing", "song/x", "", "role/../../etc"])
def test_a_forged_name_is_an_error_card(page: AppTest, reference: str):
    act(page, "prompt-open", reference or "/")
    assert "d-error" in html(page) and not page.exception


def test_what_is_used_in_the_chat_words_the_question(page: AppTest, runtime: RuntimeDouble):
    act(page, "prompt-use", "role/auditor")
    page.chat_input(key="question").set_value("How many days?").run()
    assert runtime.asked[-1].prompt.role == "auditor"


def test_a_task_opens_its_dialog_and_is_shown_by_its_title(page: AppTest, runtime: RuntimeDouble):
    act(page, "prompt-use", "task/compare")
    assert page.selectbox(key="task-name").value == "compare"
    assert page.multiselect(key="task-documents-compare").value == runtime_files(runtime)
    page.chat_input(key="question").set_value("/summarise @가온정밀-취업안내서.docx length=<b>").run()
    assert runtime.asked[-1].text.startswith("/summarise")
    shown = html(page)
    assert "<strong>Summarise a document</strong>" in shown and "<li>&lt;b&gt;</li>" in shown


def runtime_files(runtime: RuntimeDouble) -> list[str]:
    return sorted(info.source for info in runtime.shelf["default"].infos)


def test_it_speaks_korean(runtime: RuntimeDouble, visit: Visit):
    page = visit(lang="ko").button(key="prompts").click().run()
    assert "전문 상담원" in html(page) and "Expert advisor" not in html(page)


def test_cards_and_details_escape_what_people_wrote():
    part = own(
        title=NASTY,
        description=NASTY,
        text=f"{NASTY} {{x}}",
        variables={"x": {"title": NASTY, "hint": NASTY, "default": NASTY}},
        examples=[NASTY],
        version=2,
    )
    shown = cards.section_html(Kind.ROLE, [part], Texts("en")) + cards.details_html(part, Texts("ko"))
    assert "<script>" not in shown and shown.count("&lt;script&gt;") >= 7
