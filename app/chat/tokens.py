"""About how many tokens a language model spends on a text; its own tokenizer is not at hand.

Measured against eight tokenizers in use on prose, code, tables, numbers, addresses and emoji; the figures are
in docs/architecture.md. Four characters a token, as is usual, would count Korean at less than half and
figures at less than a third.
"""

from __future__ import annotations

import re

_Weighed = tuple[tuple[re.Pattern[str], float], ...]


def _weighed(*rows: tuple[str, float]) -> _Weighed:
    return tuple((re.compile(pattern), tokens) for pattern, tokens in rows)


# What a text is made of, and how many tokens each piece of it costs.
_ASCII = _weighed(
    (r"[A-Z]?[a-z]{1,6}|[A-Z]{1,3}", 1.06),  # a word, a part of a long one
    (r"[0-9]", 1.0),  # most tokenizers take figures one by one
    (r"[!-/:-@\[-`{-~]", 0.7),
    (r"\n+", 0.6),
    (r"[ \t]{2,16}", 0.8),
)
_BEYOND = _weighed(
    (r"[가-힣\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]", 1.0),
    (r"[가-힣]+", 0.45),
    (r"[\u0080-\u10ff\u1200-\u1fff]", 0.65),
    (r"[\u2000-\u303f\u3100-\u33ff\ua000-\uabff\ud7b0-\uf8ff\ufb00-\ufeff]", 1.6),
    (r"[\u1100-\u11ff\U00010000-\U0010ffff]", 2.5),  # Hangul in parts, emoji
)


def count_tokens(text: str) -> int:
    """About how many tokens a language model spends on `text`, rather too many than too few."""
    rows = _ASCII if text.isascii() else _ASCII + _BEYOND
    return round(sum(tokens * len(pattern.findall(text)) for pattern, tokens in rows)) + 1


def shortened(text: str, budget: int) -> str:
    """The beginning of `text`, of `budget` tokens at most and ending with a word; "" if none fits."""
    if count_tokens(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = count_tokens(text[:middle] + " …") <= budget
        low, high = (middle, high) if fits else (low, middle - 1)
    cut = text[:low].rstrip()
    whole = cut if not text[low : low + 1].strip() else cut.rpartition(" ")[0] or cut
    return f"{whole} …" if whole else ""
