"""Two answers to one question, side by side; `?compare=QUESTION` in the address of the conversation."""

from app.ui.compare.page import close, open_, show, wanted

__all__ = ["close", "open_", "show", "wanted"]
