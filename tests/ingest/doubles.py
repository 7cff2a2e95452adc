"""Doubles and file makers for the tests of ingestion."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from app.config import Settings
from ingest.collection.folder import CATALOG, FolderHome
from vectorstore import open_index
from vectorstore.base import Place, Vectors
from vectorstore.embeddings.base import EmbeddingIdentity
from vectorstore.keywords import keywords_for, open_keywords


class WordModel:
    """Embeds a text as the sum of its words' random directions, and keeps count of what it is asked."""

    def __init__(self, name: str = "words", max_tokens: int = 64, delay: float = 0.0) -> None:
        self.identity = EmbeddingIdentity(name, hashlib.sha256(name.encode()).hexdigest()[:16], 16)
        self.dimension = 16
        self.max_tokens = max_tokens
        self.embedded: list[str] = []
        self._delay = delay

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        time.sleep(self._delay)
        self.embedded += texts
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vectors:
        vector = sum((_direction(word) for word in text.lower().split()), np.full(16, 1e-3, np.float32))
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def settings_of(request: pytest.FixtureRequest, tmp_path: Path, given: str, **more: object) -> Settings:
    """Settings with a folder of their own.

    Args:
        given: a vector backend; with "in postgres" behind it, the catalogue is in a database of its own.
    """
    backend, _, home = given.partition(" in ")
    url = request.getfixturevalue("database_url") if home else None
    values = {"data_dir": tmp_path / "data", "vector_backend": backend, "chunk_tokens": 64}
    return Settings.model_validate(values | {"database_url": url} | more)


def catalog_path(settings: Settings) -> Path:
    """The file of the catalogue that serves, of a collection in files."""
    home = FolderHome("default", settings)
    return home.folder(home.generations().current) / CATALOG


def indexed_ids(place: Place) -> list[set[str]]:
    """What the two indexes of a generation hold: ids of the vectors, ids of the keywords."""
    settings = place.settings
    indexes = (
        open_index(settings.vector_backend, place, WordModel().dimension),
        open_keywords(keywords_for(settings), place, read_only=True),
    )
    held = [index.ids() for index in indexes]
    for index in indexes:
        index.close()
    return held


def _direction(word: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "little")
    return np.random.default_rng(seed).standard_normal(16).astype(np.float32)


Placed = tuple[float, float, float, str]
"""x, y and type size in points, and the text; "*" before it makes it bold."""


def write_pdf(path: Path, pages: Sequence[Sequence[Placed | str]], title: str = "") -> Path:
    """A PDF of Helvetica text, by hand: what a test says is what the file holds.

    Strings between the placed texts are operators of PDF, as `ruled` makes them.
    """
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    fonts = "/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    fonts += " /F2 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"
    kids = []
    for lines in pages:
        stream = "".join(line if isinstance(line, str) else _shown(*line) for line in lines)
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            f"/Resources << /Font << {fonts} >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) >>")
    _write_objects(path, objects)
    return path


def _shown(x: float, y: float, size: float, text: str) -> str:
    font = "F2" if text.startswith("*") else "F1"
    escaped = text.removeprefix("*").replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET\n"


def _write_objects(path: Path, objects: Sequence[str]) -> None:
    data = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = (
        f"trailer\n<< /Size {size} /Root 1 0 R /Info {len(objects)} 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    )
    path.write_bytes(data + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode())


def ruled(xs: Sequence[float], ys: Sequence[float]) -> str:
    """The lines of a table: upright ones at `xs`, level ones at `ys`."""
    level = "".join(f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys)
    return level + "".join(f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs)


def paragraph(*lines: str, top: float = 700, left: float = 72, size: float = 11) -> list[Placed]:
    """Lines at a usual distance."""
    return [(left, top - 1.3 * size * number, size, line) for number, line in enumerate(lines)]
