"""Text that a person who opens the file does not see: what it is called, and what becomes of it."""

from __future__ import annotations
