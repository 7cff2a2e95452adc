"""A folder that was indexed, answers that cite it, and a client of the viewer's routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from doubles import WordModel
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from app.runtime import Runtime
from app.schemas import Answer, Citation, Refusal, Role, Seconds, Tokens
from app.ui.first_page import BrowserRules, FirstPage
from app.ui.viewer.routes import routes
from ingest.pipeline import sync


@dataclass
class Library:
    """A folder, its collection, and the answers that cite it."""

    folder: Path
    runtime: Runtime
    client: TestClient

    def index(self) -> None:
        sync([self.folder], self.runtime.settings, WordModel(), collection="default")

    def citation(self, words: str, n: int = 1, **changes: object) -> Citation:
        """Of these very words, wherever they stand."""
        collection = self.runtime.collection()
        chunks = collection.chunks(sorted(collection.catalog.chunks.ids())).values()
        chunk = next(one for one in chunks if words in one.text)
        at = chunk.text.index(words)
        page, end = chunk.page_at(at), chunk.page_at(at + len(words) - 1)
        given = {
            "n": n,
            "source": chunk.source,
            "page": page,
            "page_end": end if end != page else None,
            "quote": words,
            "score": 0.8,
            "chunk_id": chunk.id,
            "context": chunk.text,
            "title": chunk.title,
            "headings": chunk.headings,
            "record_id": chunk.record_id,
            "lines": chunk.lines,
        }
        return Citation.model_validate(given | changes)

    def answer(
        self, *citations: Citation, closest: tuple[Citation, ...] = (), collection: str = "default"
    ) -> str:
        """Keep an answer; the address of its first source."""
        history = self.runtime.history
        conversation = history.create(collection=collection)
        record = Answer(
            question="q",
            standalone="q",
            answer="It is so [1].",
            refused=bool(closest),
            citations=citations,
            model=None,
            temperature=None,
            seed=None,
            fingerprint=None,
            tokens=Tokens(),
            seconds=Seconds(),
            refusal=Refusal(reason="off_topic", closest=closest) if closest else None,
        )
        message = history.append(conversation.id, Role.ASSISTANT, "It is so [1].", record=record)
        return f"/source/{message.id}"


def serving(runtime: Callable[[], Runtime], base: str = "") -> TestClient:
    middleware = [Middleware(BrowserRules), Middleware(FirstPage)]
    return TestClient(Starlette(routes=routes(runtime, base), middleware=middleware))
