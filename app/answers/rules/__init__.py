"""Schemas filled without a language model: by labels, forms and tables, each value with its evidence."""

from app.answers.rules.fillable import fillable
from app.answers.rules.filler import RuleFiller

__all__ = ["RuleFiller", "fillable"]
