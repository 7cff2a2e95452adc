"""Tokens are counted as models count them: beside GPT-4o's own count (o200k) and that of GPT-4 (cl100k)."""

from __future__ import annotations

import pytest

from app.chat.tokens import count_tokens, shortened

KOREAN = "연차 휴가는 며칠이고 언제까지 써야 하나요? 입사 1년이 지난 직원은 15일의 연차를 쓸 수 있습니다. "
ENGLISH = (
    "Every employee has 25 days of paid leave a year. Unused days expire on 31 March, without exception. "
)
CODE = "def total(items: list[Item]) -> int:\n    return sum(item.price * item.count for item in items)\n"
NUMBERS = "2024-03-31 15:40, 010-2345-6789, 1,234,567.89, 0x1f4a, 42 %, 3.14159, 192.168.10.24\n"
EMOJI = "🎉🚀😀 👍🏽 👨‍👩‍👧‍👦 ❤️ 🇰🇷 ✅ "
TABLE = "| 이부프로펜 | 두통, 발열 | 공복에 복용하지 않는다 |\n"
URL = "https://intra.example.com/hr/policies/8f3a2b?id=1289&ref=q77ab#s-12\n"


@pytest.mark.parametrize(
    ("text", "o200k", "cl100k"),
    [
        (KOREAN, 37, 57),
        (ENGLISH, 24, 23),
        (CODE, 24, 24),
        (NUMBERS, 55, 56),
        (EMOJI, 25, 40),
        (TABLE, 21, 30),
        (URL, 30, 30),
    ],
)
def test_the_estimate_is_near_and_never_far_below(text: str, o200k: int, cl100k: int):
    found = count_tokens(text * 20)
    assert found >= 0.8 * 20 * max(o200k, cl100k)
    assert found <= 2 * 20 * o200k


def test_nothing_costs_next_to_nothing_and_more_costs_more():
    assert count_tokens("") == 1
    assert count_tokens(" " * 1600) < 120
    assert count_tokens(KOREAN * 2) > count_tokens(KOREAN)


@pytest.mark.parametrize("text", [KOREAN * 5, ENGLISH * 5, "가" * 300, EMOJI * 9, ""])
@pytest.mark.parametrize("budget", [0, 1, 7, 50, 10_000])
def test_a_shortened_text_fits_and_is_its_beginning(text: str, budget: int):
    short = shortened(text, budget)
    assert short == "" or count_tokens(short) <= budget
    assert text.startswith(short.removesuffix(" …"))
