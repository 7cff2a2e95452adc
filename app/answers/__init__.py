"""Typed answers: an object of a pydantic schema instead of text, with the passages that it stands on.

The schemas are here for all who offer them; `extraction.typed_answer` fills one, and brings LangChain.
"""

from app.answers.schemas import CitedAnswer, DrugList, find_schema, schemas

__all__ = ["CitedAnswer", "DrugList", "find_schema", "schemas"]
