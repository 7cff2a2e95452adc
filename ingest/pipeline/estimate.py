"""What a run would do and take, guessed from what is known before any file is opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from app.schemas import Estimate, FileInfo, FileStatus, IngestReport, PlannedFile

if TYPE_CHECKING:
    from app.config import Settings
    from ingest.plan import Plan

# Bytes of a file for each chunk of 256 tokens, where the collection has none of its type: medians of mixed
# folders of English and Korean documents.
_BYTES_PER_CHUNK = {
    ".pdf": 6_000,
    ".docx": 3_000,
    ".doc": 6_000,
    ".hwp": 6_000,
    ".hwpx": 3_000,
    ".pptx": 40_000,
    ".ppt": 40_000,
    ".xlsx": 600,
    ".html": 4_000,
    ".htm": 4_000,
    ".epub": 600,
    ".zip": 3_000,
}
_BYTES_PER_CHUNK_OF_TEXT = 900
_USUAL_TOKENS = 256
# How full chunks are on average.
_FILLED = 0.7
# Chunks a second and core of the built-in model.
_CHUNKS_PER_SECOND = 25.0
_BUILT_IN = "all-MiniLM-L6-v2"
# Seconds until the model stands ready, and for the indexes.
_START_SECONDS = 2.0

# US dollars for a million tokens, from OpenAI's price list in 2025. Another server has other prices.
_PRICES = {
    "text-embedding-3-small": 0.02,
    "text-embedding-3-large": 0.13,
    "text-embedding-ada-002": 0.10,
}


def planned(plan: Plan, held: Sequence[FileInfo], settings: Settings) -> Iterator[PlannedFile]:
    """What would become of each file that is not as it was."""
    sizes = _BytesPerChunk(held, settings)
    for change, todos in (("add", plan.added), ("update", plan.updated)):
        for todo in todos:
            size = todo.record.size
            chunks = max(1, round(size / sizes(todo.record.path)))
            yield PlannedFile(path=todo.record.path, change=change, size=size, chunks=chunks)
    chunks_of = {info.path: info.chunks for info in held}
    for record in plan.gone:
        chunks = chunks_of.get(record.path, 0)
        yield PlannedFile(path=record.path, change="delete", size=record.size, chunks=chunks)


def estimate(
    files: Iterable[PlannedFile], held: Sequence[FileInfo], runs: Sequence[IngestReport], settings: Settings
) -> Estimate:
    """What reading and embedding these files would take.

    Args:
        held: the files of the collection, whose bytes per chunk are taken.
        runs: earlier runs, whose speed is taken.
    """
    work = [file for file in files if file.change != "delete"]
    chunks = sum(file.chunks for file in work)
    tokens = round(chunks * settings.chunk_tokens * _FILLED)
    rate, speed = _rate(runs, settings)
    seconds = chunks / rate + _START_SECONDS if rate and chunks else 0.0
    return Estimate(
        chunks=chunks,
        tokens=tokens,
        seconds=None if rate is None else round(seconds, 1),
        cost=_cost(tokens, settings),
        basis=f"Estimated from {_sizes(work, held)}, and {speed}.",
    )


def _sizes(work: Sequence[PlannedFile], held: Sequence[FileInfo]) -> str:
    """What the bytes per chunk were taken from."""
    types = {_suffix(file.path) for file in work} - {""}  # addresses may have none
    known = types & {_suffix(info.path) for info in held if info.chunks}
    parts = [f"the {', '.join(sorted(known))} files of the collection"] if known else []
    if types - known:
        parts.append(f"usual sizes of {', '.join(sorted(types - known))} files")
    return " and ".join(parts) or "the sizes of files"


class _BytesPerChunk:
    def __init__(self, held: Sequence[FileInfo], settings: Settings) -> None:
        size, chunks = Counter[str](), Counter[str]()
        for info in held:
            if info.status is FileStatus.INDEXED and info.chunks:
                size[_suffix(info.path)] += info.size
                chunks[_suffix(info.path)] += info.chunks
        self._known = {suffix: size[suffix] / chunks[suffix] for suffix in chunks if size[suffix]}
        self._scale = settings.chunk_tokens / _USUAL_TOKENS

    def __call__(self, path: str) -> float:
        suffix = _suffix(path)
        usual = _BYTES_PER_CHUNK.get(suffix, _BYTES_PER_CHUNK_OF_TEXT) * self._scale
        return self._known.get(suffix, usual)


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _rate(runs: Sequence[IngestReport], settings: Settings) -> tuple[float | None, str]:
    """Chunks a second, and what that is taken from."""
    counted = [run for run in runs if run.written and run.seconds]
    if counted:
        chunks, seconds = sum(run.written for run in counted), sum(run.seconds for run in counted)
        times = "run" if len(counted) == 1 else f"{len(counted)} runs"
        return chunks / seconds, f"the speed of its last {times}"
    if settings.embedding_model == _BUILT_IN:
        return _CHUNKS_PER_SECOND * (os.cpu_count() or 1), "the usual speed of the built-in model"
    return None, "no speed: this model has not been used here yet"


def _cost(tokens: int, settings: Settings) -> float | None:
    """In US dollars; None where the price is not known."""
    provider, _, name = settings.embedding_model.partition(":")
    if provider != "openai" or not name:
        return 0.0
    price = None if settings.embedding_base_url else _PRICES.get(name)
    return None if price is None else round(tokens / 1e6 * price, 4)
