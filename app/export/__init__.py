"""Answers and conversations as files: Markdown, Word and PDF, with a footnote for each citation."""

from app.export.export import FORMATS, Exported, Format, export, format_of
from app.export.turns import Turn, one_of, turn_of, turns_of

__all__ = ["FORMATS", "Exported", "Format", "Turn", "export", "format_of", "one_of", "turn_of", "turns_of"]
