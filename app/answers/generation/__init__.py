"""Objects of a schema out of a language model: whole, checked, or an error that names field and cause."""

from app.answers.generation.asking import Asker, Object, Partials, failed
from app.answers.generation.whole import has_lists, whole

__all__ = ["Asker", "Object", "Partials", "failed", "has_lists", "whole"]
