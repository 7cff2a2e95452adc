"""The schemas of typed answers: where they come from, what they say, and the shelf that they are found on."""

from app.answers.schemas.cited import CitedAnswer
from app.answers.schemas.definition import Definition, FieldDefinition, as_yaml
from app.answers.schemas.fields import Field
from app.answers.schemas.problems import Problem, Refused, problem_text
from app.answers.schemas.schema import Schema
from app.answers.schemas.shelf import SchemaShelf, Unusable

__all__ = [
    "CitedAnswer",
    "Definition",
    "Field",
    "FieldDefinition",
    "Problem",
    "Refused",
    "Schema",
    "SchemaShelf",
    "Unusable",
    "as_yaml",
    "problem_text",
]
