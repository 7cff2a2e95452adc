"""Answers made again from their records, gone on with where they broke off, and held against each other."""

from app.reproduce.compare import Comparison, Finding, compare
from app.reproduce.repeat import recorded, relating
from app.reproduce.resume import begun, can_resume, resumed

__all__ = ["Comparison", "Finding", "begun", "can_resume", "compare", "recorded", "relating", "resumed"]
