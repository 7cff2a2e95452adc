"""Claims held against the sentences that they stand on, by rules alone: the same in every answer and form."""

from app.evidence.check import Similar, Verdict, check
from app.evidence.sources import Aligned, Source, Sources
from app.evidence.words import clean

__all__ = ["Aligned", "Similar", "Source", "Sources", "Verdict", "check", "clean"]
