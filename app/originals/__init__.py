"""The original behind a citation: which file it is and what became of it, its pages, its text as indexed."""

from app.originals.locate import Original, State
from app.originals.originals import Originals
from app.originals.passages import Window

__all__ = ["Original", "Originals", "State", "Window"]
