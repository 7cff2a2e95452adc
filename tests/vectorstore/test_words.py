"""The content words of a question, as they are written."""

from __future__ import annotations

import pytest

from vectorstore.words import content_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is the capital of France?", ["capital", "France"]),
        ("프랑스의 수도는 어디인가요?", ["프랑스", "수도"]),
        ("통근버스 노선은 몇 개예요?", ["통근버스", "노선"]),
        ("FIFA 월드컵 2018은 누가 우승했나요?", ["FIFA", "월드컵", "2018", "우승"]),
        ("USB를 써도 되나요?", ["USB"]),
        ("What is this, and how much?", []),
        ("", []),
    ],
)
def test_content_words_are_found_without_particles_and_empty_words(text: str, words: list[str]):
    assert [word.text for word in content_words(text)] == words


def test_a_word_knows_where_it_stands_and_what_a_search_cuts_it_into():
    text = "Bicycles of 직원들"
    for word in content_words(text):
        assert text[word.start : word.end] == word.text
    assert "bicycl" in content_words(text)[0].tokens
