"""Answers and conversations as files: Markdown, Word and PDF, with a footnote for each citation."""

from app.export.export import FORMATS, Exported, Format, export, format_of, known, suggested_name
from app.export.turns import Turn, one_of, turn_in, turn_of, turns_of

__all__ = [
    "FORMATS",
    "Exported",
    "Format",
    "Turn",
    "export",
    "format_of",
    "known",
    "one_of",
    "suggested_name",
    "turn_in",
    "turn_of",
    "turns_of",
]
