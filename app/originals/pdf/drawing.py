"""The task of the process in which PDFium works: looks for a quote in a PDF, or draws a page of it.

A PDF may be hostile, and PDFium must not run in two threads at once: so this runs where `ingest.worker` does,
in a process with limits. It opens the file anew for each request, which takes a millisecond, and holds none
open.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import DocumentError
from app.originals.pdf.quotes import Place, Quote, Quotes
from app.originals.pdf.rectangles import Box

if TYPE_CHECKING:
    from PIL.Image import Image

TASK = "app.originals.pdf.drawing:answer"

Size = tuple[float, float]
"""Width and height as shown, in points."""

_MOST_PIXELS = 16_000_000
# A page with a photograph is several times smaller as a JPEG, and one of text sharper as a PNG.
_LARGE_PNG = 1_500_000
_JPEG_QUALITY = 88
_MOST_SIZES = 5_000


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a PDF before any page of it is drawn.

    Attributes:
        pages: how many there are.
        sizes: of the pages; of the first thousands in a very long document.
        boxes: number of a page -> where the quote stands on it; empty where it was not found.
        share: how much of the quote is in the boxes, in [0, 1].
        has_text: whether there are letters on the quote's pages, rather than a picture of them.
    """

    pages: int
    sizes: Sequence[Size]
    boxes: Mapping[int, Sequence[Box]] = field(default_factory=dict)
    share: float = 0.0
    has_text: bool = True


@dataclass(frozen=True, slots=True)
class Picture:
    """Attributes: `kind` is the type of the image, `data` its bytes in base64."""

    kind: str
    data: str

    def bytes(self) -> bytes:
        return base64.b64decode(self.data)


def answer(request: dict[str, Any]) -> Iterator[Look | Picture]:
    """Answers `{"path", "quote"}` with a `Look`, and `{"path", "page", "width"}` with a `Picture`.

    Nothing is asked with `{}`: that only loads what the others need.
    """
    if not request:
        _load()
        return
    path = Path(request["path"])
    with closing(_opened(path)) as document:
        if "quote" in request:
            yield _look(document, Quote(**request["quote"]))
        else:
            yield _drawn(document, path, request["page"], request["width"])


def _load() -> None:
    import pypdfium2  # noqa: F401
    from PIL import Image

    Image.preinit()


def _opened(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except (pypdfium2.PdfiumError, OSError) as error:
        raise DocumentError(f"{path.name} cannot be shown ({error}).") from None


def _look(document: Any, quote: Quote) -> Look:
    import pypdfium2

    quotes = Quotes(document)
    try:
        place = quotes.place(quote)
        has_text = quotes.has_text(quote)
        sizes = [document.get_page_size(number) for number in range(min(len(document), _MOST_SIZES))]
    except pypdfium2.PdfiumError:  # a page in ruins; those that are whole can be turned to
        place, has_text, sizes = Place(), True, []
    return Look(len(document), sizes, place.boxes, place.share, has_text)


def _drawn(document: Any, path: Path, number: int, width: int) -> Picture:
    import pypdfium2

    if not 1 <= number <= len(document):
        raise DocumentError(f"{path.name} has no page {number}; it has {len(document)}.")
    try:
        if document.get_formtype():
            document.init_forms()  # what was filled in is drawn, too
        with closing(document[number - 1]) as page:
            return _encoded(_image(page, width))
    except pypdfium2.PdfiumError as error:
        raise DocumentError(f"Page {number} of {path.name} cannot be shown ({error}).") from None


def _image(page: Any, width: int) -> Image:
    across, down = page.get_size()
    scale = min(width / max(across, 1.0), (_MOST_PIXELS / max(across * down, 1.0)) ** 0.5)
    with closing(page.render(scale=scale, rev_byteorder=True)) as bitmap:
        image: Image = bitmap.to_pil().convert("RGB")
    return image


def _encoded(image: Image) -> Picture:
    held = io.BytesIO()
    image.save(held, "PNG", compress_level=1)
    kind = "image/png"
    if held.tell() > _LARGE_PNG:
        held = io.BytesIO()
        image.save(held, "JPEG", quality=_JPEG_QUALITY)
        kind = "image/jpeg"
    return Picture(kind, base64.b64encode(held.getvalue()).decode("ascii"))
