"""Tables: one schema over a whole collection, a row for each document or record, with evidence."""

from app.tables.engine import Progress, Report, Source, extract
from app.tables.model import Document, DocumentStatus, Edit, Plan, Row
from app.tables.shelf import Tables
from app.tables.table import Table

__all__ = [
    "Document",
    "DocumentStatus",
    "Edit",
    "Plan",
    "Progress",
    "Report",
    "Row",
    "Source",
    "Table",
    "Tables",
    "extract",
]
