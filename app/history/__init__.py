"""Conversations and their messages, kept in a database."""

from app.history.beside import Attachment
from app.history.feedback import REASONS, Rating, Verdict
from app.history.prompts import OwnPrompt, OwnPrompts
from app.history.records import Conversation, Failure, Listed, Message, Status
from app.history.schemas import OwnSchema, OwnSchemas
from app.history.search import Found
from app.history.shares import Share
from app.history.store import FIRST, KEPT_DAYS, History
from app.history.summaries import Summary
from app.history.tree import Node, Tree
from app.history.versions import Version
from app.history.wholes import Whole

__all__ = [
    "FIRST",
    "KEPT_DAYS",
    "REASONS",
    "Attachment",
    "Conversation",
    "Failure",
    "Found",
    "History",
    "Listed",
    "Message",
    "Node",
    "OwnPrompt",
    "OwnPrompts",
    "OwnSchema",
    "OwnSchemas",
    "Rating",
    "Share",
    "Status",
    "Summary",
    "Tree",
    "Verdict",
    "Version",
    "Whole",
]
