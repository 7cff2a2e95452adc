"""Conversations in Markdown: our own exports, and documents that name who speaks, by a heading or in bold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from app.export.cleaning import shortened
from app.export.document import HEADING_CHARACTERS
from app.export.words import Words
from app.history import Whole
from app.language import Language
from app.schemas import Role
from app.transfer.building import row
from app.transfer.limits import tamed

_NAMES = {
    Role.USER: "user|you|human|me|question|q|사용자|나|질문",
    Role.ASSISTANT: "assistant|docent|chatgpt|gpt|claude|ai|bot|answer|a|도슨트|어시스턴트|도우미|답변",
}
_WHO = "|".join(f"(?P<{role.value}>{names})" for role, names in _NAMES.items())
# "## You", "**User:** Hello", "__Assistant__: Hello"
_SPEAKER = re.compile(
    rf"(?:#{{1,6}}\s+(?:{_WHO})\s*:?\s*#*$)|(?:(?:\*\*|__)(?:{_WHO.replace('P<', 'P<bold_')})"
    r"(?:\s*:\s*(?:\*\*|__)|(?:\*\*|__)\s*:)(?P<rest>.*)$)",
    re.IGNORECASE,
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NOTE = re.compile(r"\[\^(\d{1,6})\]: (.*)")
_REF = re.compile(r"(?<!\\)\[\^(\d{1,6})\]")
_LANGUAGES: Sequence[Language] = ("en", "ko")


def conversation(text: str, stem: str) -> Whole | None:
    """The conversation; None where nobody is seen to speak.

    Args:
        stem: its title where the text has none.
    """
    lines = tamed(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    language = next((one for one in _LANGUAGES if _is_ours(lines, one)), None)
    if language is not None:
        return row(_ours(lines, Words(language)), plain(lines[0][2:]))
    speech = list(_spoken(lines))
    before = takewhile(lambda line: _speaker(line) is None, lines)
    title = next((plain(line[2:]) for line in before if line.startswith("# ")), stem)
    return row(speech, title) if any(role is Role.USER for role, _ in speech) else None


def plain(text: str) -> str:
    """Escaped Markdown as the text that it says."""
    return _ESCAPED.sub(r"\1", text.replace("\\\n", "\n")).strip()


# -- who speaks ----------------------------------------------------------------------------------------------


def _spoken(lines: Sequence[str]) -> Iterator[tuple[Role, str]]:
    role, said = None, list[str]()
    for line, in_code in _with_code(lines):
        speaker = None if in_code else _speaker(line)
        if speaker is None:
            said.append(line)
            continue
        if role is not None:
            yield role, "\n".join(said).strip()
        role, said = speaker[0], [speaker[1]]
    if role is not None:
        yield role, "\n".join(said).strip()


def _speaker(line: str) -> tuple[Role, str] | None:
    """Who speaks from this line on, and what is said in it already."""
    found = _SPEAKER.match(line)
    if found is None:
        return None
    is_user = found["user"] or found["bold_user"]
    return Role.USER if is_user else Role.ASSISTANT, (found["rest"] or "").strip()


def _with_code(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is part of a block of code."""
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        if not fence and found:
            fence = found[1]
            yield line, True
        elif fence:
            yield line, True
            sign = line.strip()
            fence = "" if sign.startswith(fence) and set(sign) == {fence[0]} else fence
        else:
            yield line, False


# -- our own exports -----------------------------------------------------------------------------------------


def _is_ours(lines: Sequence[str], language: Language) -> bool:
    """Whether it begins with a title and the line that tells the day of the export."""
    day = re.escape(Words(language)("exported", day="DAY")).replace("DAY", r"\d{4}-\d\d-\d\d")
    return lines[0].startswith("# ") and any(re.fullmatch(day, line.strip()) for line in lines[1:6])


def _ours(lines: Sequence[str], words: Words) -> Iterator[tuple[Role, str]]:
    body, notes = _without_notes(lines)
    facts = next((n for n, line in enumerate(body[2:], 2) if not line.strip()), len(body))
    sections = list(_sections(body[facts:]))
    preface, *asked = sections
    if "\n".join(preface).strip() or not asked or not all(map(_is_closed, asked)):
        # One question, which is the title; headings are those of its answer.
        sections = [[f"## {body[0][2:]}", *body[facts:]]]
    else:
        sections = asked
    for section in sections:
        yield from _turn(section, notes, words)


def _without_notes(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The text above the footnotes, and these by their numbers."""
    body, notes = list(lines), dict[str, str]()
    while body and (not body[-1].strip() or _NOTE.fullmatch(body[-1])):
        if found := _NOTE.fullmatch(body.pop()):
            notes[found[1]] = found[2]
    return body, notes


def _sections(lines: Sequence[str]) -> Iterator[list[str]]:
    """What stands before the first heading of the second level, and then each with what is below it."""
    section: list[str] = []
    for line, in_code in _with_code(lines):
        if line.startswith("## ") and not in_code:
            yield section
            section = []
        section.append(line)
    yield section


def _is_closed(section: Sequence[str]) -> bool:
    """Whether it ends as a turn does: with the small print of its answer, or with why there is none."""
    last = next((line for line in reversed(section) if line.strip()), "")
    return _is_small_print(last) or last.startswith(">")


def _is_small_print(line: str) -> bool:
    return len(line) > 2 and line.startswith("*") and line.endswith("*") and not line.startswith("**")


def _turn(section: Sequence[str], notes: dict[str, str], words: Words) -> Iterator[tuple[Role, str]]:
    question, rest = plain(section[0][3:]), "\n".join(section[1:]).strip()
    quoted = re.match(r"(?:>.*(?:\n|$))+", rest)
    if quoted:
        whole = plain("\n".join(line[1:].removeprefix(" ") for line in quoted[0].splitlines()))
        if shortened(whole, HEADING_CHARACTERS) == question:
            question, rest = whole, rest[quoted.end() :].strip()
    yield Role.USER, question
    lines = rest.split("\n")
    if _is_small_print(lines[-1]):
        lines.pop()
    answer = "\n".join(lines).strip()
    if answer and answer != f"> {words('unanswered')}":
        yield Role.ASSISTANT, _REF.sub(r" [\1]", answer) + _sources(answer, notes, words)


def _sources(answer: str, notes: dict[str, str], words: Words) -> str:
    """The footnotes that an answer points to, as a list below it."""
    used = dict.fromkeys(n for n in _REF.findall(answer) if n in notes)
    listed = "".join(f"\n- [{n}] {notes[n]}" for n in used)
    return f"\n\n{words('sources')}\n{listed}" if used else ""
