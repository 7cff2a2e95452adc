"""Questions that the documents answer: to begin with, and to go on with after an answer."""

from app.chat.suggest.follow_ups import follow_ups
from app.chat.suggest.starters import starters

__all__ = ["follow_ups", "starters"]
