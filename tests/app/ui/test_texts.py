"""Both languages say the same things, and the pages ask for nothing that is not there."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import prompts
from app import errors
from app.schemas import FileStatus, Notice
from app.ui import texts
from app.ui.texts import Texts, browser_language, table
from app.ui.turns import notice_html

UI = Path(texts.__file__).parent


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys():
    assert table("en").keys() == table("ko").keys()
    assert len(table("en")) > 100


def test_a_text_has_the_same_placeholders_in_both():
    english, korean = table("en"), table("ko")
    assert [key for key in english if placeholders(korean[key]) != placeholders(english[key])] == []
    assert [key for key in english if not (english[key].strip() and korean[key].strip())] == []


def test_korean_texts_are_korean():
    names = {"chat.docent"}
    latin = [key for key, text in table("ko").items() if key not in names and not re.search("[가-힣]", text)]
    assert latin == []


def asked_for() -> set[str]:
    """Every literal key in the pages; `say(f"status.{x}")` counts as a section."""
    keys = set()
    for file in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                value = node.args[0].value
                if isinstance(value, str) and re.fullmatch(r"[a-z]+\.(?!py$|js$|bridge$)[a-z_]+", value):
                    keys.add(value)
    return keys


def test_every_key_that_the_pages_name_is_there():
    assert len(asked_for()) > 50
    assert asked_for() - table("en").keys() == set()


# What the pages may say without a text: names, and what is no language.
UNTRANSLATED = re.compile(r"Docent|Streamlit|JSON|\.env|DOCENT_\w+=\S+")
_BETWEEN_TAGS = re.compile(r">([^<>{}]*[A-Za-z]{3,}[^<>{}]*)<")
_TOLD = re.compile(r"(?:aria-label|title|placeholder|alt)=[\"\'](?=[^{\"\'])([^\"\']*[A-Za-z]{3,})")
_IN_SCRIPT = re.compile(
    r"""(?:textContent|innerText|title|placeholder|ariaLabel)\s*=\s*["'`]([^"'`$]*[A-Za-z]{3,})"""
)
_WIDGETS = {"button", "header", "info", "markdown", "popover", "segmented_control", "selectbox", "slider"}
_WIDGETS |= {"success", "text_area", "text_input", "title", "toast", "toggle", "warning", "write", "caption"}
_WIDGETS |= {"checkbox", "dialog", "download_button", "error", "file_uploader", "form_submit_button", "radio"}


def written_into_the_code() -> Iterator[str]:
    """Words that a page would show in one language only: in HTML, in labels of widgets, in scripts."""
    for file in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr | ast.Constant):
                text = _literal(node)
                for found in (*_BETWEEN_TAGS.findall(text), *_TOLD.findall(text)):
                    yield f"{file.name}: {found}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                label = node.args[0]
                if (
                    node.func.attr in _WIDGETS
                    and not _logs(node.func)
                    and isinstance(label, ast.Constant)
                    and _has_words(label.value)
                ):
                    yield f"{file.name}: {label.value}"
    for file in UI.rglob("*.js"):
        for found in _IN_SCRIPT.findall(file.read_text(encoding="utf-8")):
            yield f"{file.name}: {found}"


def _literal(node: ast.JoinedStr | ast.Constant) -> str:
    """A string with what is filled in written as {}."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node.value, str) else ""


def _logs(called: ast.Attribute) -> bool:
    return isinstance(called.value, ast.Name) and called.value.id in ("log", "logger", "bar_html")


def _has_words(text: object) -> bool:
    return isinstance(text, str) and not text.startswith("<") and bool(re.search("[A-Za-z]{3,}", text))


def test_no_page_says_anything_but_its_texts():
    assert [
        found for found in written_into_the_code() if not UNTRANSLATED.fullmatch(found.partition(": ")[2])
    ] == []


def test_the_search_for_untranslated_words_finds_them():
    assert _BETWEEN_TAGS.findall("<p>Save it</p>") and _TOLD.findall('<i aria-label="Close it">')
    assert _IN_SCRIPT.findall('button.textContent = "Close it";') and _has_words("Save")


def test_every_error_and_status_has_a_text():
    codes = [error.code for error in vars(errors).values() if isinstance(error, type)]
    assert {f"error.{code}" for code in codes} <= table("en").keys()
    assert {f"status.{status.value}" for status in FileStatus} <= table("en").keys()


def test_a_notice_asks_for_no_value_that_it_does_not_have():
    notices = yaml.safe_load((Path(prompts.__file__).parent / "notices.yaml").read_text(encoding="utf-8"))
    assert len(notices) >= 8
    for code, languages in notices.items():
        given = placeholders(languages["en"])
        for key in (f"notice.{code}", f"notice.{code}_more"):
            assert placeholders(table("en").get(key, "")) <= given


@pytest.mark.parametrize(("language", "word"), [("en", "not reworded"), ("ko", "바꿔 쓰지 않고")])
def test_a_notice_without_words_of_its_own_is_told_in_those_of_the_command_line(language: str, word: str):
    notice = Notice(code="expansion_ignored", values={"kind": "<hyde>"})
    shown = notice_html(notice, Texts(language))
    assert word in shown
    assert "&lt;hyde&gt;" in shown


def test_an_error_is_told_in_the_language_with_the_detail_below():
    title, detail = Texts("ko").error(errors.ModelAuthError("401 from http://x: check OPENAI_API_KEY."))
    assert "키를 거부" in title
    assert detail == "401 from http://x: check OPENAI_API_KEY."
    assert Texts("en").error(ValueError("boom"))[0].startswith("Something went wrong")


def test_one_thing_is_counted_in_the_singular():
    assert Texts("en").plural("source.title", 1) == "1 source"
    assert Texts("en").plural("source.title", 2) == "2 sources"
    assert Texts("ko").plural("source.title", 1) == "출처 1개"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("ko-KR", "ko"), ("ko", "ko"), ("en-GB", "en"), ("de", "en"), (None, "en"), ("", "en")],
)
def test_the_browser_is_greeted_in_its_language(locale: str | None, language: str):
    assert browser_language(locale) == language
