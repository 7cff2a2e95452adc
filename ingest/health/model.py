"""What a health report says; all of it goes into JSON as it is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.schemas import Calibration, FailedFile, FileStatus, Frozen


class FileType(Frozen):
    """Files of a kind, by the end of their names: "pdf"; "web" for pages of the web, "" for none."""

    name: str
    files: int
    size: int


class TextlessFile(Frozen):
    """A file with pages on which no text was found, and how many pages it has; 0 where that is not known."""

    file: str
    textless: tuple[int, ...]
    pages: int


class Suspicious(Frozen):
    """A passage that addresses a model, or that no reader sees.

    Attributes:
        codes: why; see `ingest.suspicion`.
        page: where the format has pages.
        quotes: the stretches of its text that are meant.
    """

    file: str
    codes: tuple[str, ...]
    page: int | None
    quotes: tuple[str, ...]


class Alike(Frozen):
    """Documents that are nearly the same.

    Attributes:
        documents: files, and "file › record" of those that hold several documents.
        likeness: the share of common text of the first with that of the others which is least like it.
    """

    documents: tuple[str, ...]
    likeness: float


class Sizes(Frozen):
    """Lengths of chunks, without title and headings.

    Attributes:
        step: the first of `counts` are chunks below `step` characters, the next those below twice that, …;
            the last one are all others.
    """

    unit: Literal["characters"] = "characters"
    step: int = 0
    counts: tuple[int, ...] = ()
    shortest: int = 0
    mean: int = 0
    longest: int = 0


class Fit(Frozen):
    """How well the embedding model reads the text.

    Attributes:
        model: None before the first chunk.
        unread: the share that it cannot read, in [0, 1]; None where it was never measured.
        better: the model to set where that is too much, else None.
    """

    model: str | None = None
    unread: float | None = None
    better: str | None = None


class SlowFile(Frozen):
    file: str
    seconds: float
    size: int


class LargeFile(Frozen):
    file: str
    size: int


class DatedFile(Frozen):
    """`day` is that of its last change, such as 2024-03-02."""

    file: str
    day: str


class LastRun(Frozen):
    """The last run that changed something; `started_at` is ISO 8601, UTC."""

    started_at: str
    seconds: float
    added: int
    updated: int
    deleted: int
    failed: int


class Health(Frozen):
    """What a collection holds, and what is wrong with it.

    Lists name the first few hundred at most; the numbers beside them count all. Files are named by their path
    below the folder that was indexed, or by the whole path where several have the same.

    Attributes:
        made_at: ISO 8601, UTC.
        size: bytes of all files.
        failed: files with their errors, `statuses` counts them.
        suspicious: passages that address a model or are hidden from readers, the hidden ones first.
        duplicates: groups of files with the very same content; `duplicate_files` could go.
        alike: groups of documents that are nearly the same; `alike_documents` could go.
        languages: "ko", "en" (any Latin script) and "other" -> share of the text, from a sample.
        slowest: by the time that their last reading took.
        calibration: from which score on questions are answered; None where that was not measured.
    """

    collection: str
    made_at: str
    files: int = 0
    documents: int = 0
    chunks: int = 0
    pages: int = 0
    size: int = 0
    types: tuple[FileType, ...] = ()
    statuses: dict[FileStatus, int] = Field(default_factory=dict)
    failed: tuple[FailedFile, ...] = ()
    textless_files: int = 0
    textless_pages: int = 0
    textless: tuple[TextlessFile, ...] = ()
    suspicious_files: int = 0
    suspicious_passages: int = 0
    suspicious: tuple[Suspicious, ...] = ()
    duplicate_files: int = 0
    duplicate_groups: int = 0
    duplicates: tuple[tuple[str, ...], ...] = ()
    alike_documents: int = 0
    alike_groups: int = 0
    alike: tuple[Alike, ...] = ()
    languages: dict[str, float] = Field(default_factory=dict)
    sizes: Sizes = Sizes()
    fit: Fit = Fit()
    slowest: tuple[SlowFile, ...] = ()
    largest: tuple[LargeFile, ...] = ()
    oldest: DatedFile | None = None
    newest: DatedFile | None = None
    last_run: LastRun | None = None
    calibration: Calibration | None = None
