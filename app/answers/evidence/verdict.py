"""What the rules say of one value, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from app.answers.evidence.leaves import Leaf
from app.answers.evidence.segments import Segment
from app.chat.grounding import Place as Sentence
from app.chat.tables import flat
from app.evidence import Source, clean
from app.schemas import Reason, Support


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one value.

    Attributes:
        original: as it stands in the document; "" where it does not stand there itself.
        place: the chunk and the span that hold it; None where nothing does.
    """

    support: Support
    reasons: tuple[Reason, ...] = ()
    original: str = ""
    unit: str = ""
    place: Sentence | None = None


NOWHERE = Verdict(Support.NOT)
ORDER = [Support.NOT, Support.PARTLY, Support.SUPPORTED]


def place_of(segment: Segment) -> Sentence:
    return Sentence(segment.passage, segment.chunk, segment.span)


def original_of(place: Sentence) -> str:
    return flat(place.chunk.text[slice(*place.span)])


def source_of(piece: Segment) -> Source:
    heads = " ".join(cell.head for cell in piece.cells)
    text = piece.chunk.text[slice(*piece.span)]
    return Source(
        piece.passage.n, clean(text), clean(f"{piece.around} {piece.above} {heads}"), place_of(piece)
    )


def instead_of(leaf: Leaf, original: str) -> Reason:
    code = {"date": "date", "money": "money"}.get(leaf.field.kind, "number")
    return Reason(code=code, values={"said": str(leaf.value), "source": original})
