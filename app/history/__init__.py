"""Conversations and their messages, kept in a database."""

from app.history.beside import Attachment
from app.history.records import Conversation, Failure, Message, Status
from app.history.store import FIRST, KEPT_DAYS, History
from app.history.tree import Node, Tree

__all__ = [
    "FIRST",
    "KEPT_DAYS",
    "Attachment",
    "Conversation",
    "Failure",
    "History",
    "Message",
    "Node",
    "Status",
    "Tree",
]
