"""Files that come with a question: kept and indexed like uploads, and the question is about these alone."""

from __future__ import annotations

import hashlib
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import DocentError, DocumentError, NotFoundError
from app.history import Attachment
from app.schemas import Done, FileStatus, Notice, Preparing
from app.ui import shell, uploads

if TYPE_CHECKING:
    from app.history import Message
    from app.schemas import Event, Question
    from app.ui.indexing import Run
    from ingest.catalog import FileRecord

_SECONDS_BETWEEN_LOOKS = 0.2
_PIECE = 1 << 20


def take(files: Sequence[uploads.Upload], collection: str) -> tuple[Attachment, ...]:
    """Keep what can be kept; what is indexed already is recognised by its content, whatever its name."""
    known = {one.sha256: one.id for one in _records(collection) if one.status is FileStatus.INDEXED}
    folder = uploads.folder_of(shell.runtime().settings.data_dir, collection)
    found = (_taken(file, known, folder) for file in files)
    return tuple({one.file_id or one.name: one for one in found}.values())


def _taken(file: uploads.Upload, known: dict[str, str], folder: Path) -> Attachment:
    name = uploads.safe_name(file.name)
    if (file_id := known.get(_digest(file))) is not None:
        return Attachment(name=name, file_id=file_id)
    try:
        path = uploads.save(file, folder, shell.runtime().settings.max_upload_mb)
    except DocentError as error:
        return Attachment(name=name, error=str(error))
    return Attachment(name=name, file_id=_id_of(path))


def _digest(file: uploads.Upload) -> str:
    made = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        made.update(piece)
    return made.hexdigest()


def _id_of(path: Path) -> str:
    from ingest.plan import file_id

    return file_id(unicodedata.normalize("NFC", str(path)))


def _records(collection: str) -> Sequence[FileRecord]:
    try:
        return shell.runtime().collection(collection).records()
    except NotFoundError:
        return ()


def attached(message_id: str) -> tuple[Attachment, ...]:
    """What came with a question."""
    return shell.runtime().history.attachments.of([message_id]).get(message_id, ())


def index(files: Sequence[Attachment], collection: str) -> Run | None:
    """Index those of the files that are not yet, if there are any; the run that does it."""
    settled = {one.id for one in _records(collection) if one.status is not FileStatus.PENDING}
    if all(file.file_id in settled for file in files if file.file_id):
        return None
    folder = uploads.folder_of(shell.runtime().settings.data_dir, collection)
    return shell.indexing().start([folder], collection)


# -- the answer ------------------------------------------------------------------------------------------


def stream(
    asked: Message,
    files: Sequence[Attachment],
    run: Run | None,
    question: Question,
    collection: str,
    cancelled: threading.Event,
) -> Iterator[Event]:
    """Wait until the files are indexed, then answer from those that could be read.

    Raises:
        DocumentError: none could; the message names each with its cause.
    """
    yield from _waited(run, cancelled)
    if cancelled.is_set():
        return
    settled = _settled(files, run, collection)
    runtime = shell.runtime()
    runtime.history.attachments.keep(asked.id, settled)
    good = [file.file_id for file in settled if not file.error]
    _limit(asked.conversation_id, good)
    unread = " ".join(file.told for file in settled if file.error)
    if not good:
        raise DocumentError(f"None of the files can be read. {unread}", names=unread)
    about = question.model_copy(update={"where": {**question.where, "file_id": tuple(good)}})
    for event in runtime.stream(about, collection, cancelled):
        yield _with_notice(event, unread) if isinstance(event, Done) and unread else event


def _waited(run: Run | None, cancelled: threading.Event) -> Iterator[Preparing]:
    told = None
    while run is not None and run.running and not cancelled.is_set():
        now = run.progress
        event = (
            Preparing(done=now.files_done, total=now.files_total, name=Path(now.path).name)
            if now
            else Preparing()
        )
        if event != told:
            yield event
        told = event
        run.ended.wait(_SECONDS_BETWEEN_LOOKS)


def _settled(files: Sequence[Attachment], run: Run | None, collection: str) -> tuple[Attachment, ...]:
    """The files with why they cannot be read, if they cannot."""
    records = {record.id: record for record in _records(collection)}
    why = str(run.error) if run is not None and run.error else "It could not be indexed; try again."
    return tuple(_settle(file, records.get(file.file_id), why) for file in files)


def _settle(file: Attachment, record: FileRecord | None, why: str) -> Attachment:
    if not file.file_id:
        return file
    error = why if record is None else record.error or "" if record.status is not FileStatus.INDEXED else ""
    return file.model_copy(update={"error": error})


def _limit(conversation_id: str, files: Sequence[str]) -> None:
    """Further questions of the conversation are about these files, until that is lifted."""
    history = shell.runtime().history
    settings = history.conversation(conversation_id).settings
    history.configure(conversation_id, settings={**settings, "only": list(files)})


def _with_notice(event: Done, unread: str) -> Done:
    told = Notice(code="files_unread", values={"names": unread})
    return Done(answer=event.answer.model_copy(update={"notices": (*event.answer.notices, told)}))
