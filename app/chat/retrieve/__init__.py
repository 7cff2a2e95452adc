"""Hybrid search: vectors and keywords side by side, fused by normalised scores."""

from app.chat.retrieve.searcher import Found, Searcher, Similar

__all__ = ["Found", "Searcher", "Similar"]
