"""Conversations and their messages, kept in a database."""

from app.history.records import Conversation, Failure, Message, Status
from app.history.store import History

__all__ = ["Conversation", "Failure", "History", "Message", "Status"]
