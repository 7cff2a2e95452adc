"""Tokens: identifiers whole and in parts, English stems, Hangul morphemes and bigrams, and their cost."""

import subprocess
import sys
import unicodedata

import pytest

from vectorstore.tokens import pairs, tokenize, tokenize_many


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RTX-4090", {"rtx-4090", "rtx", "4090"}),
        ("RTX-4090을", {"rtx-4090", "4090"}),
        ("제12조에 따라", {"제12조", "12조", "12"}),
        ("2026-11-21까지", {"2026-11-21", "2026", "11", "21"}),
        ("2026년 11월 21일", {"2026년", "11월", "21일", "2026"}),
        ("kim.min@acme.co.kr로", {"kim.min@acme.co.kr", "kim", "min"}),
        ("3일 이내", {"3일", "3", "이내"}),
        ("B2B", {"b2b", "b", "2"}),
        ("version v2.3.1", {"v2.3.1", "v2"}),
        ("the company's", {"compani"}),
        ("IT support", {"it", "support"}),
    ],
)
def test_identifiers_are_found_whole_and_by_their_parts(text: str, expected: set[str]) -> None:
    assert expected <= set(tokenize(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("policies", "policy"),
        ("ＲＴＸ－４０９０", "RTX-4090"),
        ("café", "CAFE"),
        ("well–known", "well-known"),
        ("co\u00adordinate", "coordinate"),
        ("연차휴가를", "연차휴가는"),
        (unicodedata.normalize("NFD", "연차휴가"), "연차휴가"),
        ("신청했다", "신청한다"),
    ],
)
def test_spellings_of_one_word_share_their_tokens(one: str, other: str) -> None:
    assert tokenize(one) == tokenize(other)


def test_a_part_of_a_korean_compound_is_found() -> None:
    assert "급여" in tokenize("퇴직급여충당부채")


def test_particles_and_function_words_are_no_tokens() -> None:
    assert tokenize("what is it about") == []
    assert {"에서", "에게", "습니", "니다"}.isdisjoint(tokenize("회사에서 직원에게 급여를 지급합니다"))


def test_other_cjk_becomes_bigrams() -> None:
    assert tokenize("営業時間") == ["営業", "業時", "時間"]


@pytest.mark.parametrize("text", ["", " \n", "!?…", "😀😀", "\x00", "\ud800", "-._@"])
def test_what_holds_no_word_gives_no_token(text: str) -> None:
    assert tokenize(text) == []


@pytest.mark.slow
def test_no_token_holds_a_space_or_is_longer_than_any_word() -> None:
    tokens = tokenize("한글 단어\u3000ﷺ １ ２ " + "x" * 100_000 + " " + "a-" * 50_000 + "가" * 500)

    assert tokens
    assert not [token for token in tokens if any(sign.isspace() for sign in token) or len(token) > 128]


def test_emoji_before_hangul_do_not_shift_the_bigrams() -> None:
    assert set(tokenize("연차휴가")) == set(tokenize("😀😀 연차휴가"))


def test_a_batch_gives_what_each_text_gives_alone() -> None:
    texts = ["연차 휴가", "annual leave", "", "RTX-4090 발주"]

    assert tokenize_many(texts) == [tokenize(text) for text in texts]


def test_kiwi_is_not_loaded_for_text_without_hangul() -> None:
    code = (
        "import sys; from vectorstore.tokens import tokenize; "
        "assert tokenize('policies in 東京, café'); sys.exit('kiwipiepy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_pairs_join_words_and_leave_syllables_alone() -> None:
    assert list(pairs(["dental", "plan", "2026"])) == ["dental_plan", "plan_2026"]
    assert list(pairs(["휴가", "annual", "leave", "가나"])) == ["annual_leave"]
    assert list(pairs(["alone"])) == []
