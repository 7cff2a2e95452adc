"""Evidence for each value of an object: where it stands, how it is written there, how far that carries it."""

from app.answers.evidence.as_text import as_text
from app.answers.evidence.grounding import Grounded, ground
from app.answers.evidence.valid import valid

__all__ = ["Grounded", "as_text", "ground", "valid"]
