"""Images: the text in them, by recognition; a TIFF's frames are pages."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from app.errors import DocumentError
from ingest.loaders.base import Block, SourceDocument, title_from_name
from ingest.loaders.ocr import RecognisedLine, Tesseract, side_by_side, tesseract, why_not

if TYPE_CHECKING:
    from PIL.Image import Image

# A sheet of A3 at 600 dots an inch has 70 million.
_MOST_PIXELS = 80_000_000
_MOST_FRAMES = 2_000
# Pictures of a screen have small letters; enlarged they are read better.
_SMALL_SIDE = 1_600


def read(path: Path) -> Iterator[SourceDocument]:
    from PIL import Image, UnidentifiedImageError

    ocr = tesseract()
    if ocr is None:
        raise DocumentError(f"{path.name} is an image: {why_not()}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is checked below, frame by frame
            with Image.open(path) as image:
                pages = _pages(path, image, ocr)
    except UnidentifiedImageError:
        raise DocumentError(
            f"{path.name} is broken or not an image: save it anew from where it was made."
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(path) from None
    if not any(pages):
        raise DocumentError(
            f"{path.name} has no text that text recognition (OCR) can read: scan it larger, or remove it."
        )
    yield SourceDocument(
        title_from_name(path),
        [block for number, lines in enumerate(pages, 1) for block in _blocks(lines, number)],
        pages=len(pages),
        textless_pages=[number for number, lines in enumerate(pages, 1) if not lines],
    )


def _pages(path: Path, image: Image, ocr: Tesseract) -> list[list[RecognisedLine]]:
    """The lines on each page of a TIFF; of a moving picture, on the first."""
    count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    one_at_a_time = Lock()

    def lines(number: int) -> list[RecognisedLine]:
        with one_at_a_time:
            image.seek(number)
            if image.width * image.height > _MOST_PIXELS:
                raise _too_large(path)
            page = _plain(image)
        return ocr.lines(page)

    return list(side_by_side(lines, range(min(count, _MOST_FRAMES))))


def _plain(image: Image) -> Image:
    """Upright, black on white, and not too small."""
    from PIL import Image as images
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        white = images.new("RGBA", upright.size, "white")
        upright = images.alpha_composite(white, upright)
    grey = upright.convert("L")
    if max(grey.size) < _SMALL_SIDE:
        grey = grey.resize((2 * grey.width, 2 * grey.height), images.Resampling.BICUBIC)
    return grey


def _blocks(lines: Sequence[RecognisedLine], page: int) -> Iterator[Block]:
    group: list[str] = []
    large = False
    for line in lines:
        if group and (line.opens or line.large != large):
            yield _block(group, large, page)
            group = []
        group.append(line.text)
        large = line.large
    if group:
        yield _block(group, large, page)


def _block(group: Sequence[str], large: bool, page: int) -> Block:
    text = " ".join(group)
    return Block(text, "heading", 1, page) if large else Block(text, page=page)


def _too_large(path: Path) -> DocumentError:
    return DocumentError(
        f"{path.name} has more than {_MOST_PIXELS // 10**6} million pixels: save it smaller, "
        "300 dots an inch are enough."
    )
