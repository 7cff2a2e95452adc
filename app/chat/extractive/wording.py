"""The chosen sentences as an answer: grouped by document, in reading order, each with its mark."""

from __future__ import annotations

from collections.abc import Sequence

from app.chat.extractive.candidates import END, LONGEST, Sentence


def written(chosen: Sequence[Sentence]) -> str:
    """The document with the best sentence first, its passages best first; within a passage, as it reads."""
    documents = list(dict.fromkeys(one.document_id for one in chosen))
    passages = list(dict.fromkeys(one.n for one in chosen))
    ordered = sorted(
        chosen, key=lambda one: (documents.index(one.document_id), passages.index(one.n), one.place)
    )
    text = ""
    before: Sentence | None = None
    for one in ordered:
        text += _joint(before, one) + _marked(one)
        before = one
    return text.removeprefix("- ") if len(ordered) == 1 else text


def _joint(before: Sentence | None, one: Sentence) -> str:
    bullet = "- " if one.item else ""
    if before is None:
        return bullet
    if before.item and one.item:
        return "\n- "
    return "\n\n" + bullet if before.item or one.item or before.n != one.n else " "


def _marked(one: Sentence) -> str:
    text = _shortened(one.text)
    match = END.search(text)
    return f"{text[: match.start()].rstrip()} [{one.n}]{match[1]}" if match else f"{text} [{one.n}]"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
