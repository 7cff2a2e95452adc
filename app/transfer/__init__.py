"""Conversations as files that are read again: our JSON both ways, Markdown, and what others export."""

from app.transfer.adding import Imported, add
from app.transfer.archive import write
from app.transfer.limits import LARGEST_MB
from app.transfer.reading import read

__all__ = ["LARGEST_MB", "Imported", "add", "read", "write"]
