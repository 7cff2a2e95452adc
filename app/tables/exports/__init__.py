"""Tables as files: one line in `FORMATS` for each kind, and one module that writes it."""

from app.tables.exports.export import FORMATS, Format, export, exported, format_of

__all__ = ["FORMATS", "Format", "export", "exported", "format_of"]
