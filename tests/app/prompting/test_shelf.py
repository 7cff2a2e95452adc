"""The library and people's own prompts on one shelf, and which of them an answer is worded by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.errors import ConfigurationError, UsageError
from app.history import History
from app.prompting import Shelf, chosen
from app.schemas import PromptChoice
from prompts.library import Kind, Part, Words


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(f"sqlite:///{tmp_path / 'conversations.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def shelf(history: History) -> Shelf:
    return Shelf(history.prompts)


def role(text: str = "You are a captain.", name: str = "captain") -> Part:
    given = {"kind": "role", "name": name, "title": "Captain", "description": "d", "text": text}
    return Part.model_validate(given)


def test_own_ones_are_found_beside_the_library_and_by_their_versions(shelf: Shelf):
    assert shelf.save(role()).version == 1
    assert shelf.save(role("You are a pirate.")).version == 2
    assert shelf.find(Kind.ROLE, "captain").text.en == "You are a pirate."
    old = shelf.find(Kind.ROLE, "captain@1")
    assert (old.text.en, old.version) == ("You are a captain.", 1)
    assert "captain" in [part.name for part in shelf.all(Kind.ROLE)]
    assert [part.version for part in shelf.versions(Kind.ROLE, "captain")] == [2, 1]
    assert shelf.find(Kind.ROLE, "auditor").version is None


@pytest.mark.parametrize("called", ["advisor", "Expert advisor", "전문 상담원", "전문_상담원", "상담원"])
def test_a_part_is_found_by_its_title_in_either_language(shelf: Shelf, called: str):
    assert shelf.find(Kind.ROLE, called).name == "advisor"


def test_a_deleted_one_is_found_by_its_version_only(shelf: Shelf, history: History):
    shelf.save(role())
    history.prompts.delete("role", "captain")
    with pytest.raises(ConfigurationError, match="There is no role 'captain'"):
        shelf.find(Kind.ROLE, "captain")
    assert shelf.find(Kind.ROLE, "captain@1").text.en == "You are a captain."


def test_what_is_wrong_is_not_kept(shelf: Shelf, history: History):
    with pytest.raises(UsageError, match="name of the library"):
        shelf.save(role(name="auditor"))
    with pytest.raises(UsageError, match="Line 1"):
        shelf.save(role("{unknown}"))
    assert history.prompts.latest() == []


def test_a_name_typed_on_another_system_is_the_same(shelf: Shelf):
    import unicodedata

    shelf.save(role(name="선장"))
    assert shelf.find(Kind.ROLE, unicodedata.normalize("NFD", "선장")).name == "선장"


def test_one_that_somebody_broke_in_the_database_hides_no_other(shelf: Shelf, history: History):
    shelf.save(role())
    history.prompts.save("role", "broken", "no front matter")
    assert "captain" in [part.name for part in shelf.all(Kind.ROLE)]
    with pytest.raises(ConfigurationError, match="There is no role 'broken'"):
        shelf.find(Kind.ROLE, "broken")


def test_a_near_name_is_suggested(shelf: Shelf):
    with pytest.raises(ConfigurationError, match="Did you mean 'auditor'"):
        shelf.find(Kind.ROLE, "auditer")


def test_the_question_wins_over_the_settings_and_the_record_names_what_was_used(shelf: Shelf):
    shelf.save(role())
    settings = Settings(role="auditor", style="table")
    assert [part.name for part in chosen(PromptChoice(), settings, shelf).parts] == [
        "auditor",
        "table",
        "none",
    ]
    mine = chosen(PromptChoice(role="captain"), settings, shelf)
    first, second, _ = mine.used
    assert (first.kind, first.name, first.version) == ("role", "captain", 1)
    assert (second.name, second.version) == ("table", None)
    assert first.hash == role().hash


def test_a_draft_stands_before_all_others(shelf: Shelf):
    draft = role("Draft.").model_copy(update={"title": Words(en="t", ko="t")})
    assert shelf.with_draft(draft).find(Kind.ROLE, "captain").text.en == "Draft."
