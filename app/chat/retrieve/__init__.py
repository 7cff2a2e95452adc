"""Hybrid search: vectors and keywords side by side, fused by normalised scores."""

from app.chat.retrieve.searcher import Searcher

__all__ = ["Searcher"]
