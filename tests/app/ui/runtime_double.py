"""A Runtime whose answers are scripted: everything else, the history and the jobs, is the real thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from app.answers.schemas import SchemaShelf
from app.chat.jobs import Jobs
from app.chat.memory.keeper import Memory
from app.config import Settings
from app.errors import DocentError, NotFoundError
from app.history import History
from app.prompting import Shelf
from app.schemas import (
    Answer,
    Chunk,
    Citation,
    Done,
    Event,
    FailedFile,
    FileInfo,
    FileStatus,
    Hit,
    IngestReport,
    Notice,
    Question,
    Retrieved,
    Seconds,
    Token,
    Tokens,
)
from ingest.plan import file_id
from ingest.web import Site

PASSAGE = (
    "4.2 Annual leave. Every employee has 15 days of paid leave in the first year of service. "
    "Unused days expire at the end of March of the following year unless the manager agrees otherwise."
)
QUOTE = "Every employee has 15 days of paid leave in the first year of service."


def citation(n: int = 1, **changes: object) -> Citation:
    given = {
        "n": n,
        "source": "hr/larkspur-employee-handbook.pdf",
        "page": 7,
        "quote": QUOTE,
        "score": 0.83,
        "chunk_id": f"chunk-{n}",
        "context": PASSAGE,
        "title": "Larkspur Employee Handbook",
        "headings": ("4 Time off", "4.2 Annual leave"),
    }
    return Citation.model_validate(given | changes)


def answer(question: str, text: str, **changes: object) -> Answer:
    given = {
        "question": question,
        "standalone": question,
        "answer": text,
        "refused": False,
        "citations": (citation(),),
        "model": "openai:scripted",
        "temperature": 0.0,
        "seed": None,
        "fingerprint": None,
        "tokens": Tokens(prompt=900, completion=60, total=960),
        "seconds": Seconds(retrieve=0.02, first_token=0.3, total=1.2),
    }
    return Answer.model_validate(given | changes)


def hit(n: int) -> Hit:
    chunk = Chunk(f"chunk-{n}", "d1", PASSAGE, n, 7, (), "Handbook", "hr/larkspur-employee-handbook.pdf")
    return Hit(rank=n, score=0.8, dense=0.7, keyword=9.0, chunk=chunk)


def file(name: str, **changes: object) -> FileInfo:
    given = {
        "id": f"id-{name}",
        "source": name,
        "path": f"/data/{name}",
        "status": FileStatus.INDEXED,
        "error": None,
        "pages": 12,
        "documents": 1,
        "chunks": 40,
        "size": 120_000,
        "indexed_at": "2026-11-20T08:30:00+00:00",
    }
    return FileInfo.model_validate(given | changes)


@dataclass
class Collection:
    """The files of one collection."""

    infos: list[FileInfo] = field(default_factory=list)
    unread: float | None = 0.0
    embedding: dict[str, str] | None = None

    def files(self) -> list[FileInfo]:
        return list(self.infos)

    def counts(self) -> tuple[int, int]:
        return sum(info.documents for info in self.infos), sum(info.chunks for info in self.infos)

    def headings(self, limit: int) -> list[str]:
        return ["4.2 Annual leave", "Remote work", "출장비 정산", "Who approves overtime?"][:limit]

    def fields(self) -> dict[str, dict[str, int]]:
        return {"author": {"Kim Minsu": 2, "Lee Hana": 1}, "tags": {"travel": 1}}

    def records(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(**info.model_dump(), root="/data", sha256="") for info in self.infos]

    def delete_files(self, ids: Sequence[str]) -> int:
        before = len(self.infos)
        self.infos = [info for info in self.infos if info.id not in ids]
        return before - len(self.infos)


def _indexed(path: Path, *, broken: bool) -> FileInfo:
    failed = {"status": FileStatus.FAILED, "error": "No page could be read: it is damaged.", "documents": 0}
    return file(path.name, path=str(path), id=file_id(str(path)), **(failed if broken else {}))


def _names(place: Path | Site) -> list[str]:
    return [path.name for path in place.iterdir()] if isinstance(place, Path) else [str(place)]


Script = Callable[[Question], Answer]


class RuntimeDouble:
    """What the pages use of a Runtime.

    Attributes:
        script: makes the answer to a question; its text is streamed word by word.
        error: raised after `words_before_error` words instead.
        held: while it is set, an answer waits after each of its words.
    """

    def __init__(self, folder: Path, **settings: object) -> None:
        self.settings = Settings.model_validate({"data_dir": folder, "auto_titles": False, **settings})
        self.originals = SimpleNamespace(warm=lambda: None)
        self.history = History(f"sqlite:///{folder / 'conversations.sqlite'}")
        self.memory = Memory(self.history, self.settings, lambda name: None)
        self.jobs = Jobs(self.history, self.memory.renew_after)
        self.shelf = {
            "default": Collection(
                [file("hr/larkspur-employee-handbook.pdf"), file("가온정밀-취업안내서.docx")]
            )
        }
        self.script: Script = lambda question: answer(
            question.text, "New colleagues have **15 days** of paid leave [1]."
        )
        self.error: DocentError | None = None
        self.words_before_error = 0
        self.held = threading.Event()
        self.pause = 0.0
        self.asked: list[Question] = []
        self.ingested: list[list[Path]] = []
        self.retried: list[list[str]] = []

    def close(self) -> None:
        self.held.clear()
        self.jobs.close()
        self.history.close()

    @property
    def prompts(self) -> Shelf:
        return Shelf(self.history.prompts)

    @property
    def schemas(self) -> SchemaShelf:
        return SchemaShelf(self.settings, self.history.schemas)

    def models(self) -> list[str]:
        return ["openai:gpt-4o-mini"]

    def collections(self) -> list[str]:
        return sorted(self.shelf)

    def collection(self, name: str | None = None) -> Collection:
        name = name or self.settings.collection
        if name not in self.shelf:
            raise NotFoundError(f"There is no collection {name!r}.")
        return self.shelf[name]

    def stream(
        self, question: Question, collection: str | None, cancelled: threading.Event
    ) -> Iterator[Event]:
        return self._stream(question, cancelled)

    def typed_answer(self, question: Question, schema: str, collection: str | None = None) -> Answer:
        self.asked.append(question)
        return self.script(question)

    def ingest(
        self,
        paths: Sequence[Path | Site],
        collection: str,
        *,
        retry: Sequence[str] | None = None,
        on_progress: Callable[..., None],
    ) -> IngestReport:
        if retry is not None:
            self.retried.append(list(retry))
            return IngestReport(collection=collection, added=1)
        self.ingested.append(list(paths))
        names = sorted(name for place in paths for name in _names(place))
        on_progress(
            SimpleNamespace(
                phase="index",
                files_done=0,
                files_total=len(names),
                chunks_done=3,
                chunks_total=10,
                path=names[0],
                failed=0,
            )
        )
        broken = [name for name in names if "broken" in name]
        folder = paths[0] if isinstance(paths[0], Path) else Path()
        infos = [_indexed(folder / name, broken=name in broken) for name in names]
        self.shelf[collection] = Collection(infos)
        failed = tuple(
            FailedFile(path=name, error="No page could be read: it is damaged.") for name in broken
        )
        return IngestReport(
            collection=collection,
            added=len(infos) - len(broken),
            failed=failed,
            documents=len(infos) - len(broken),
            seconds=0.4,
        )

    def _stream(self, question: Question, cancelled: threading.Event) -> Iterator[Event]:
        self.asked.append(question)
        made = self.script(question)
        yield Retrieved(hits=(hit(1), hit(2)), seconds=0.02)
        said: list[str] = []
        for word in made.answer.split(" "):
            if self.error is not None and len(said) >= self.words_before_error:
                raise self.error
            said.append(word)
            yield Token(text=word + " ")
            time.sleep(self.pause)
            while self.held.is_set() and not cancelled.is_set():
                time.sleep(0.01)
            if cancelled.is_set():
                stopped = made.model_copy(
                    update={"answer": " ".join(said), "notices": (Notice(code="stopped"),)}
                )
                yield Done(answer=stopped)
                return
        yield Done(answer=made)
