"""Which parts a prompt is put together from: the library and people's own ones on one shelf."""

from app.prompting.chosen import Chosen, chosen, plain
from app.prompting.shelf import LIBRARY, Shelf

__all__ = ["LIBRARY", "Chosen", "Shelf", "chosen", "plain"]
