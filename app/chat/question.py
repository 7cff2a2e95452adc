"""A question before it goes on its way: trimmed, and neither empty nor too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.errors import QuestionError
from app.schemas import Role, Turn

if TYPE_CHECKING:
    from app.chat.retrieve.query import Fields, Where
    from app.schemas import Question

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


def without_filters(question: Question, fields: Fields = tuple) -> tuple[str, Where]:
    """The words of the question, and the filters that stand beside them and among them.

    Args:
        fields: gives the names of the documents' own fields to filter by.

    Raises:
        UsageError: `question.where` names a field that does not exist, or a value that it cannot have.
    """
    from app.chat.retrieve.query import checked as checked_filters
    from app.chat.retrieve.query import joined, parse

    query = parse(question.text, fields)
    return query.text, joined(checked_filters(question.where, fields), query.where)


def without_mentions(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """Earlier turns as plain words: what an `@name` limited then limits nothing now."""
    from app.chat.retrieve.query import without_marks

    return tuple(
        turn.model_copy(update={"content": without_marks(turn.content)}) if turn.role is Role.USER else turn
        for turn in history
    )
