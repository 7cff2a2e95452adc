"""`Place`: where a value stands in a segment."""

from __future__ import annotations

from dataclasses import dataclass

from app.answers.evidence.segments import Segment
from app.schemas import Reason


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a segment.

    Attributes:
        start, end: in the segment's folded text.
        unit: that stands with it: a currency's code, or a unit of `app.evidence.units`.
        doubts: why it may be another value.
    """

    segment: Segment
    start: int
    end: int
    unit: str = ""
    doubts: tuple[Reason, ...] = ()

    @property
    def original(self) -> str:
        return self.segment.folded.said(self.start, self.end).strip()
