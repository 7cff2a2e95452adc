"""A few passages of two handbooks, and a search that finds what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.schemas import Chunk, Hit

LEAVE = (
    "Every employee has 25 days of paid leave a year. Unused days expire on 31 March. "
    "They may be paid out once, with the consent of the manager."
)
REMOTE = "Working from home is possible on three days a week after the trial period."
KOREAN = "연차 휴가는 1년에 15일입니다. 병가는 진단서를 내면 60일까지 쓸 수 있습니다."
DRUGS = (
    "| 성분명 | 증상 | 주의사항 |\n|---|---|---|\n"
    "| 이부프로펜 | 두통, 발열 | 공복에 복용하지 않는다 |\n"
    "| 아세트아미노펜 | 발열 | 술과 함께 복용하지 않는다 |"
)


def chunk(text: str, source: str = "leave.md", ordinal: int = 0, **changes: object) -> Chunk:
    given: dict[str, object] = {"page": None, "headings": (), "title": source.partition(".")[0]}
    given |= changes
    return Chunk(f"{source}#{ordinal}", source, text, ordinal, source=source, **given)  # type: ignore[arg-type]


def hits(*chunks: Chunk, best: float = 0.9) -> tuple[Hit, ...]:
    """The chunks as a search ranks them."""
    return tuple(Hit(rank, best - 0.05 * (rank - 1), 0.5, 3.0, one) for rank, one in enumerate(chunks, 1))


HANDBOOK = hits(chunk(LEAVE), chunk(KOREAN, "휴가.md"), chunk(REMOTE, "remote.md"))


@dataclass
class Found:
    """A searcher whose result is known; `asked` is what it was asked."""

    hits: Sequence[Hit] = HANDBOOK
    asked: list[tuple[str, int]] = field(default_factory=list)

    def search(self, text: str, k: int, where: object = None, tell: object = None) -> list[Hit]:
        self.asked.append((text, k))
        return list(self.hits[:k])
