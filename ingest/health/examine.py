"""`health(collection)`: what a collection holds and what is wrong with it, from its catalogue alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from heapq import nlargest
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from app.language import detect_language
from app.schemas import FailedFile, FileStatus
from ingest.catalog import FileFacts, Lengths, Marked, Run, Sketch
from ingest.fit import MULTILINGUAL, WORTH_SAYING
from ingest.health.alike import groups
from ingest.health.model import (
    Alike,
    DatedFile,
    FileType,
    Fit,
    Health,
    LargeFile,
    LastRun,
    Sizes,
    SlowFile,
    Suspicious,
    TextlessFile,
)
from ingest.sketch import likeness, read_sketches

if TYPE_CHECKING:
    from ingest.collection import Collection

LISTED = 200
"""Most entries of a list that may be as long as the collection."""

# Of a list of the slowest or the largest.
_TOP = 10
# Characters of a suspicious stretch that are shown.
_QUOTED = 300
# Chunks whose language is looked at: shares are then known to about three points in a hundred.
_SAMPLE = 1_000
# Characters of a chunk that tell its language.
_TELLING = 500
# Characters, and bars of a chart of lengths.
_FINEST = 20
_BARS = 20


def health(collection: Collection) -> Health:
    """Look at a whole collection: a second for 100,000 chunks, and no memory for their texts."""
    overview = collection.catalog.overview
    documents, chunks = collection.counts()
    files = overview.files()
    names = _names(files)
    textless = [file for file in files if file.textless_pages]
    failed = [file for file in files if file.status is FileStatus.FAILED]
    copies = _copies(files)
    alike = _alike(overview.sketches(), copies, names)
    dated = [file for file in files if file.day]
    marked, marked_files = overview.count_marked()
    return Health(
        collection=collection.name,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=len(files),
        documents=documents,
        chunks=chunks,
        pages=sum(file.pages for file in files),
        size=sum(file.size for file in files),
        types=_types(files),
        statuses=Counter(file.status for file in files),
        failed=tuple(FailedFile(path=names[file.id], error=file.error or "") for file in failed[:LISTED]),
        textless_files=len(textless),
        textless_pages=sum(len(file.textless_pages) for file in textless),
        textless=_textless(textless, names),
        suspicious_files=marked_files,
        suspicious_passages=marked,
        suspicious=tuple(_suspicious(one, names) for one in overview.marked(LISTED)),
        duplicate_files=sum(len(group) - 1 for group in copies),
        duplicate_groups=len(copies),
        duplicates=tuple(tuple(names[file.id] for file in group[:LISTED]) for group in copies[:LISTED]),
        alike_documents=sum(len(group.documents) - 1 for group in alike),
        alike_groups=len(alike),
        alike=tuple(alike[:LISTED]),
        languages=_languages(collection.catalog.chunks.sample_texts(_SAMPLE)),
        sizes=_sizes(overview.lengths(_FINEST)),
        fit=_fit(collection),
        slowest=_slowest(files, names),
        largest=_largest(files, names),
        oldest=_dated(min(dated, key=_day, default=None), names),
        newest=_dated(max(dated, key=_day, default=None), names),
        last_run=_last(overview.last_run()),
        calibration=collection.calibration(),
    )


Names = Mapping[str, str]
"""Id of a file -> what it is called."""


def _names(files: Iterable[FileFacts]) -> Names:
    """By the path below the root, or by the whole one where several have the same."""
    counts = Counter(file.source for file in files)
    return {file.id: file.source if counts[file.source] == 1 else file.path for file in files}


def _types(files: Iterable[FileFacts]) -> tuple[FileType, ...]:
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for file in files:
        name = _type(file.source)
        counts[name] += 1
        sizes[name] += file.size
    order = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(FileType(name=name, files=counts[name], size=sizes[name]) for name in order[:LISTED])


def _type(source: str) -> str:
    if source.startswith(("http://", "https://")):
        return "web"
    return PurePosixPath(source).suffix.lstrip(".").lower()


def _textless(files: Sequence[FileFacts], names: Names) -> tuple[TextlessFile, ...]:
    most = nlargest(LISTED, files, key=lambda file: len(file.textless_pages))
    return tuple(
        TextlessFile(file=names[file.id], textless=file.textless_pages, pages=file.pages) for file in most
    )


def _suspicious(one: Marked, names: Names) -> Suspicious:
    codes = dict.fromkeys(finding.code for finding in one.suspicions)
    spans = dict.fromkeys((finding.start, finding.end) for finding in one.suspicions)
    quotes = tuple(one.text[start:end][:_QUOTED] for start, end in spans)
    return Suspicious(file=names[one.file_id], codes=tuple(codes), page=one.page, quotes=quotes)


def _copies(files: Iterable[FileFacts]) -> list[list[FileFacts]]:
    """Files with the very same content, the largest groups first."""
    same: defaultdict[str, list[FileFacts]] = defaultdict(list)
    for file in files:
        if file.sha256:
            same[file.sha256].append(file)
    return sorted((group for group in same.values() if len(group) > 1), key=len, reverse=True)


def _alike(sketches: Sequence[Sketch], copies: Iterable[Sequence[FileFacts]], names: Names) -> list[Alike]:
    """Documents of different files that are nearly the same; of copies of a file the first alone counts."""
    others = {file.id for group in copies for file in group[1:]}
    known = [one for one in sketches if one.file_id not in others]
    matrix = read_sketches(one.sketch for one in known)
    held = Counter(one.file_id for one in known)
    found = []
    for rows in groups(matrix):
        if len({known[row].file_id for row in rows}) > 1:
            near = likeness(np.broadcast_to(matrix[rows[0]], (len(rows), matrix.shape[1])), matrix[rows])
            called = sorted(_called(known[row], held, names) for row in rows)
            found.append(Alike(documents=tuple(called), likeness=round(float(near.min()), 2)))
    return found


def _called(one: Sketch, held: Mapping[str, int], names: Names) -> str:
    name = names[one.file_id]
    return f"{name} › {one.record_id}" if one.record_id and held[one.file_id] > 1 else name


def _languages(texts: Iterable[str]) -> dict[str, float]:
    lengths: Counter[str] = Counter()
    for text in texts:
        lengths[_language(text)] += len(text)
    total = lengths.total()
    return {name: round(count / total, 3) for name, count in lengths.most_common() if count}


def _language(text: str) -> str:
    """Korean, or what most of the letters are written in."""
    if text.isascii() or detect_language(text[:_TELLING]) == "ko":
        return "en" if text.isascii() else "ko"
    letters = [character for character in text[:_TELLING] if character.isalpha()]
    latin = sum(character < "\u0250" for character in letters)
    return "en" if 2 * latin >= len(letters) else "other"


def _sizes(lengths: Sequence[Lengths]) -> Sizes:
    """The width of a bar is such that nearly all lengths fit into the chart."""
    chunks = sum(one.chunks for one in lengths)
    if not chunks:
        return Sizes()
    seen = 0
    for one in lengths:
        seen += one.chunks
        usual = one.longest
        if seen >= 0.99 * chunks:
            break
    step = max(_FINEST, -(-usual // (_BARS - 1) // _FINEST) * _FINEST)
    bars = min(_BARS, lengths[-1].longest // step + 1)
    counts = [0] * bars
    for one in lengths:
        counts[min(bars - 1, one.bin * _FINEST // step)] += one.chunks
    return Sizes(
        step=step,
        counts=tuple(counts),
        shortest=lengths[0].shortest,
        mean=round(sum(one.characters for one in lengths) / chunks),
        longest=lengths[-1].longest,
    )


def _fit(collection: Collection) -> Fit:
    known, unread = collection.embedding, collection.unread
    poor = unread is not None and unread >= WORTH_SAYING
    return Fit(
        model=str(known["model"]) if known else None,
        unread=unread,
        better=MULTILINGUAL if poor else None,
    )


def _slowest(files: Iterable[FileFacts], names: Names) -> tuple[SlowFile, ...]:
    timed = ((file.read_seconds, file) for file in files if file.read_seconds is not None)
    most = nlargest(_TOP, timed, key=lambda pair: pair[0])
    return tuple(SlowFile(file=names[file.id], seconds=seconds, size=file.size) for seconds, file in most)


def _largest(files: Iterable[FileFacts], names: Names) -> tuple[LargeFile, ...]:
    most = nlargest(_TOP, files, key=lambda file: file.size)
    return tuple(LargeFile(file=names[file.id], size=file.size) for file in most)


def _day(file: FileFacts) -> str:
    return file.day or ""


def _dated(file: FileFacts | None, names: Names) -> DatedFile | None:
    return DatedFile(file=names[file.id], day=file.day) if file and file.day else None


def _last(run: Run | None) -> LastRun | None:
    if run is None:
        return None
    report = run.report
    counts = {name: getattr(report, name) for name in ("added", "updated", "deleted", "seconds")}
    return LastRun(started_at=run.started_at, failed=len(report.failed), **counts)
