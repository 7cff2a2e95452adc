"""Typed answers: an object of a pydantic schema instead of text, with the passages that it stands on."""

from app.answers.extraction import typed_answer
from app.answers.schemas import CitedAnswer, DrugList, find_schema, schemas

__all__ = ["CitedAnswer", "DrugList", "find_schema", "schemas", "typed_answer"]
