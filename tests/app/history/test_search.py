"""Search finds what people remember of their conversations, in English and Korean, and shows where."""

from __future__ import annotations

import threading
import unicodedata

import pytest

from app.history import Found, History, Status, folding
from app.schemas import Role


def said(history: History, title: str, *texts: str) -> str:
    """A conversation in which these texts were said in turn; its id."""
    made = history.create(title=title)
    for number, text in enumerate(texts):
        history.append(made.id, Role.ASSISTANT if number % 2 else Role.USER, text)
    return made.id


def titles(found: list[Found]) -> list[str]:
    return [one.conversation.title for one in found]


def marked(found: Found) -> list[str]:
    return [found.snippet[start:end] for start, end in found.spans]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("휴가", ["연차휴가를"]),
        (unicodedata.normalize("NFD", "휴가"), ["연차휴가를"]),
        ("STRASSE", ["Straße"]),
        ("ΟΔΟΣ", ["ὁδός"]),
        ("api", ["ＡＰＩ"]),
        ("ＣＡＲＲＹ over", ["carry", "over"]),
        ("ガイド", ["ｶﾞｲﾄﾞ"]),
        ("100%", ["100%"]),
        ("a_b", ["a_b"]),
        ("\\", ["\\"]),
    ],
)
def test_a_word_is_found_in_any_spelling(history: History, query: str, expected: list[str]):
    said(history, "one", f"before {' '.join(expected)} after", "something else, axb 1000")
    if query == "ΟΔΟΣ":
        query = unicodedata.normalize("NFC", "ὁδόσ")
    [found] = history.search(query)
    assert found.snippet.startswith("before")
    folded = folding.fold(query).split()
    assert [folding.fold(one) for one in marked(found)] == folded


def test_all_words_stand_in_one_message_or_in_the_title(history: History):
    said(history, "Travel to Busan", "who pays?", "the company")
    said(history, "other", "Who pays for Busan?", "Nobody.")
    said(history, "parted", "Busan", "who pays?")
    assert titles(history.search("pays busan")) == ["other"]
    assert titles(history.search("busan")) == ["Travel to Busan", "parted", "other"]


def test_the_best_message_has_the_words_side_by_side_else_it_is_the_newest(history: History):
    made = said(history, "one", "annual leave", "leave which is annual", "leave, annual", "leave of nobody")
    messages = history.messages(made)
    [found] = history.search("annual leave")
    assert (found.message_id, found.role) == (messages[0].id, Role.USER)
    assert history.search("leave annual")[0].message_id == messages[2].id
    assert history.search("leave")[0].message_id == messages[3].id


def test_the_title_shows_what_was_found_in_it(history: History):
    said(history, "연차휴가 규정")
    [found] = history.search("휴가")
    assert found.title_spans == ((2, 4),)
    assert (found.message_id, found.snippet) == (None, "")


def test_a_deleted_conversation_is_found_again_when_it_is_back(history: History):
    made = said(history, "one", "a secret")
    assert history.search("secret")
    history.delete(made)
    assert history.search("secret") == []
    history.restore(made)
    assert titles(history.search("secret")) == ["one"]


def test_what_was_changed_is_found_as_it_is(history: History):
    made = said(history, "one", "question")
    answer = history.append(made, Role.ASSISTANT, "", status=Status.STREAMING)
    history.update_message(answer.id, content="half an ans")
    assert history.search("half") == []  # not before it is done
    history.update_message(answer.id, content="a whole answer", status=Status.DONE)
    assert history.search("half") == []
    assert history.search("whole answer")[0].message_id == answer.id
    history.update_message(answer.id, content="something new")
    assert history.search("whole") == []
    assert history.search("new")[0].message_id == answer.id


def test_a_long_message_is_shown_around_the_words(history: History):
    said(history, "one", f"{'word ' * 400}\n\nthe **needle** in it\n{'more ' * 400}")
    [found] = history.search("needle")
    assert len(found.snippet) < 160
    assert "the **needle** in it" in found.snippet
    assert marked(found) == ["needle"]
    assert found.snippet.startswith("… ")
    assert found.snippet.endswith(" …")


@pytest.mark.parametrize("query", ["", "   ", "\u3000", "nothing like it", "x" * 10_000, "' OR 1=1 --"])
def test_what_is_not_there_is_not_found(history: History, query: str):
    said(history, "one", "question")
    assert history.search(query) == []


def test_many_may_search_at_once_while_it_catches_up(history: History):
    for number in range(20):
        said(history, f"c{number}", *[f"word {number}"] * 20)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(history.search("word")))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [20] * 6


def test_the_number_of_conversations_is_limited_and_the_newest_stay(history: History):
    for number in range(5):
        said(history, f"c{number}", "word")
    assert titles(history.search("word", limit=2)) == ["c4", "c3"]


@pytest.mark.parametrize(
    ("text", "word", "span"),
    [
        ("ﬁnd", "find", (0, 3)),
        ("½ day", "1⁄2", (0, 1)),
        ("e\u0301te", "été"[0], (0, 2)),
        (unicodedata.normalize("NFD", "연차 휴가"), "휴가", (6, 10)),
        ("İstanbul", "stanbul", (1, 8)),
        ("ﾡﾢ", "x", None),
    ],
)
def test_spans_are_in_the_text_as_it_stands(text: str, word: str, span: tuple[int, int] | None):
    assert folding.spans(text, [folding.fold(word)]) == ([span] if span else [])
