"""A topic as a question that a person would ask, in the topic's own language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any
from zlib import crc32

from app.language import detect_language
from prompts import suggestion_frames

# "4.2 ", "3장 ", "제12조 ", "(3) ": what counts a heading rather than names it.
_NUMBER = re.compile(
    r"^(?:[(\[]?(?:\d+|[가-하]|[IVX]+)[.)\]]+(?:\d+[.)]?)*\s*|\d+(?:\.\d+)*\s+|제?\s?\d+\s?[편장절조항](?:의\d+)?[.)]?\s*"
    r"|[A-Z] (?=[A-Z]))+"
)
_AROUND = " \t#*_.:：-–—·•\"'“”‘’()[]「」『』<>〈〉《》【】"
# What a document has for its own sake.
_EMPTY = re.compile(
    r"(?i)(welcome|introduction|(table of )?contents|overview|appendix|references|preface|notes?|summary"
    r"|머리말|서문|서론|들어가며|목차|차례|개요|부록|참고( ?문헌)?|비고|요약)"
)
_LONGEST, _MOST_WORDS = 60, 9
# After a consonant, after a vowel.
_PARTICLES = {"을": ("을", "를"), "은": ("은", "는")}


def is_question(text: str) -> bool:
    return text.endswith("?")


def topic_of(heading: str) -> str:
    """What a heading names, without its number; "" where nobody would ask about it."""
    topic = _NUMBER.sub("", " ".join(heading.replace("？", "?").split()))
    question, mark, _ = topic.partition("?")
    topic = f"{question}?" if mark else _bare(topic)
    if _EMPTY.fullmatch(topic):
        return ""
    letters = sum(letter.isalpha() for letter in topic)
    shortest = 2 if detect_language(topic) == "ko" else 4
    fits = shortest <= letters and len(topic) <= _LONGEST and len(topic.split()) <= _MOST_WORDS
    return topic if fits and letters >= 0.6 * len(topic.replace(" ", "")) else ""


def _bare(text: str) -> str:
    """Without quotes, dashes and a full stop around it; a bracket that is closed stays."""
    bare = text.strip(_AROUND)
    return f"{bare})" if bare.count("(") > bare.count(")") else bare


def asked(topic: str, text: str = "") -> str:
    """The topic as a question.

    Args:
        text: where the topic stands: words that it has in small letters are written so.
    """
    if is_question(topic):
        return topic
    language = detect_language(topic)
    if language == "en":
        if match := re.match(r"(?i)how to (?=\w)", topic):
            return f"How do I {_lowered(topic[match.end() :], text)}?"
        topic = re.sub(r"(?i)^the (?=\w)", "", topic)
        topic = _lowered(topic, text)
    return _Filled().vformat(_frame(topic, suggestion_frames(language)), (), {"topic": topic})


def _frame(topic: str, frames: Sequence[Mapping[str, str]]) -> str:
    special = next((one for one in frames if "fits" in one and re.search(one["fits"], topic)), None)
    plain = [one for one in frames if "fits" not in one]
    return (special or plain[crc32(topic.encode()) % len(plain)])["ask"]


def _lowered(topic: str, text: str) -> str:
    """Words with a capital that the text also writes small are no names."""
    small = set(re.findall(r"(?<!\S)[a-z]+(?=[,.;:)]*(?:\s|$))", text))
    words = topic.split(" ")
    return " ".join(
        word.lower() if word[:1].isupper() and word[1:].islower() and word.lower() in small else word
        for word in words
    )


class _Filled(Formatter):
    """`{topic:을}` is the topic with 을 or 를, as its last sound has it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec not in _PARTICLES:
            return str(value)
        after_consonant, after_vowel = _PARTICLES[format_spec]
        last = str(value).rstrip(")]」』\"'”’")[-1:]
        ends_in_consonant = "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 != 0
        return f"{value}{after_consonant if ends_in_consonant else after_vowel}"
