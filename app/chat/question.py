"""A question before it goes on its way: trimmed, and neither empty nor too long."""

from __future__ import annotations

from app.errors import QuestionError

QUESTION_CHARACTERS = 20_000


def checked(text: str) -> str:
    """The question as it goes on: trimmed, and without what no server takes.

    Raises:
        QuestionError: it has no letter or digit, or more than QUESTION_CHARACTERS characters.
    """
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
    if not any(character.isalnum() for character in clean):
        raise QuestionError("The question is empty. Write what you want to know.")
    if len(clean) > QUESTION_CHARACTERS:
        raise QuestionError(
            f"The question has {len(clean):,} characters; the limit is {QUESTION_CHARACTERS:,}. "
            "Put long texts into a file, index it, and ask about it.",
            characters=len(clean),
            limit=QUESTION_CHARACTERS,
        )
    return clean
