"""Conversations and their messages, kept in a database."""

from app.history.records import Conversation, Failure, Message, Status
from app.history.search import Found
from app.history.store import FIRST, KEPT_DAYS, History
from app.history.summaries import Summary
from app.history.tree import Node, Tree

__all__ = [
    "FIRST",
    "KEPT_DAYS",
    "Conversation",
    "Failure",
    "Found",
    "History",
    "Message",
    "Node",
    "Status",
    "Summary",
    "Tree",
]
