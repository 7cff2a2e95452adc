"""Which of Docent's two languages a text is in."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "ko"]


def is_hangul(character: str) -> bool:
    """Whether this is a Hangul syllable or letter (jamo)."""
    return "가" <= character <= "힣" or "ᄀ" <= character <= "ᇿ" or "\u3130" <= character <= "\u318f"


def detect_language(text: str) -> Language:
    """Korean as soon as a fifth of the letters is Hangul: Korean questions are full of Latin names."""
    letters = [character for character in text if character.isalpha()]
    hangul = sum(map(is_hangul, letters))
    return "ko" if hangul and hangul * 5 >= len(letters) else "en"
