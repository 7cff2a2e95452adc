"""The table of commands: each has its words, and only what the page can do is offered."""

from __future__ import annotations

import pytest

from app.ui.actions import TABLE
from app.ui.conversations.commands import COMMANDS, KEYS, ROW_MENU, as_data, available, keys_as_data, words
from app.ui.texts import LANGUAGES, Texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_key_has_words(language: str):
    say = Texts(language)
    told = as_data(COMMANDS, say)
    assert all(one["title"] and one["hint"] for one in told)
    assert {one["name"] for one in told} >= {"new", "find", "delete", "help"}
    assert len(keys_as_data(say)) == len(KEYS)
    assert words(say)["deleted"].count("{title}") == 1


def test_a_command_is_found_by_its_name_in_both_languages():
    [rename] = [one for one in as_data(COMMANDS, Texts("ko")) if one["name"] == "rename"]
    assert "Rename" in rename["also"] and "이름 바꾸기" in rename["also"]


def test_only_what_the_page_can_do_is_offered():
    names = {one.name for one in available(TABLE, {"chat", "search", "documents"})}
    assert {"new", "rename", "documents", "palette"} & names == {"new", "rename", "documents"}
    assert "rename" not in {one.name for one in available({}, {})}
    assert "documents" not in {one.name for one in available(TABLE, {"chat"})}
    unknown = {"rename", "pin", "move", "export", "delete"} - names
    assert unknown == set()
    assert set(ROW_MENU) <= {one.name for one in COMMANDS}


def test_no_two_commands_share_a_key():
    keys = [one.keys for one in COMMANDS if one.keys] + [keys for _, keys in KEYS]
    assert len(keys) == len(set(keys))


def test_the_language_of_the_page_is_not_offered():
    assert "korean" not in {one["name"] for one in as_data(COMMANDS, Texts("ko"))}
    assert "korean" in {one["name"] for one in as_data(COMMANDS, Texts("en"))}
