"""`Originals`: what the mark of an answer cites, or a cell of a table, by their numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from app.errors import DocentError, NotFoundError
from app.originals.locate import Original, as_citation, original, whole
from app.originals.passages import STEP, Window, window

if TYPE_CHECKING:
    from pathlib import Path

    from app.config import Settings
    from app.history import History, Message
    from app.originals.pdf.drawing import Look, Picture
    from app.originals.pdf.pages import Pages
    from app.schemas import Chunk, Citation
    from ingest.collection import Collection


Among = Literal["cited", "closest", "sent", "values", "table"]
CITED: Among = "cited"
CLOSEST: Among = "closest"
SENT: Among = "sent"
VALUES: Among = "values"
TABLE: Among = "table"

Cells = Callable[[str, int], "tuple[Citation, str]"]
"""(name of a table, number of a cell) -> what it cites, and its collection; raises `NotFoundError`."""


class Originals:
    """Only what an answer or a table cites, or was made from, can be opened, and other pages of these files.

    Safe for many threads.

    Args:
        collection: opens one by its name; raises `DocentError` where that cannot be.
        names: of all collections.
        cells: looks up what tables cite.
    """

    def __init__(
        self,
        settings: Settings,
        history: History,
        collection: Callable[[str], Collection],
        names: Callable[[], list[str]],
        cells: Cells,
    ) -> None:
        self._settings, self._history, self._cells = settings, history, cells
        self._collection, self._names = collection, names
        self._drawn: Pages | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the processes that draw pages. May be called twice."""
        with self._lock:
            if self._drawn is not None:
                self._drawn.close()
            self._drawn = None

    def warm(self) -> None:
        """Start what draws pages, in the background, so that the first click need not wait for it."""
        with self._lock:
            if self._drawn is None:
                threading.Thread(target=lambda: self._pages().warm(), daemon=True).start()

    def cited(self, message_id: str, n: int, *, among: Among = CITED) -> Original:
        """What the mark `[n]` of an answer points to.

        Args:
            among: `closest`: the n-th of the closest passages that a refusal names, instead; `sent`: the
                passage with this number in the prompt; `values`: what the n-th value of a typed answer stands
                on; `table`: the cell with this number of the table that is named in place of a message.

        Raises:
            NotFoundError: there is no such answer or table, or it has no such citation.
        """
        return self._found(message_id, n, among)[0]

    def window(
        self, message_id: str, n: int, *, among: Among = CITED, before: int = STEP, after: int = STEP
    ) -> tuple[Original, Window]:
        """The same with its document's text as it was indexed, around the cited passage."""
        found, collection = self._found(message_id, n, among)
        return found, window(found, collection, before, after)

    def look(self, found: Original) -> Look:
        """How many pages a PDF has, and where the quote stands on them.

        Raises:
            DocumentError: it cannot be opened, or not within the limits.
        """
        from app.originals.pdf.quotes import Quote

        citation = found.citation
        page = citation.page or 1
        quote = Quote(citation.quote, citation.context, page, citation.page_end or page)
        return self._pages().look(_file(found), quote)

    def picture(self, found: Original, page: int, width: int) -> Picture:
        """A page of a PDF, from 1, about `width` pixels wide; errors as in `look`."""
        return self._pages().picture(_file(found), page, width)

    def _pages(self) -> Pages:
        from app.originals.pdf.pages import Pages

        with self._lock:
            if self._drawn is None:
                self._drawn = Pages(self._settings)
            return self._drawn

    def _found(self, message_id: str, n: int, among: Among) -> tuple[Original, Collection | None]:
        look_up = self._cells if among == TABLE else partial(self._of_answer, among=among)
        citation, first = look_up(message_id, n)
        collection, chunk = self._holding(citation, first)
        if among == SENT and chunk is not None:
            citation = whole(citation, chunk)
        return original(citation, collection, chunk), collection

    def _of_answer(self, message_id: str, n: int, among: Among) -> tuple[Citation, str]:
        """What an answer cites, and the collection that it was asked of."""
        message = self._history.message(message_id)
        citation = next((one for one in self._given(message, among) if one.n == n), None)
        if citation is None:
            raise NotFoundError(f"The answer {message_id!r} has no source {n}.")
        return citation, self._history.conversation(message.conversation_id).collection

    def _given(self, message: Message, among: Among) -> Sequence[Citation]:
        if among == SENT:
            trace = self._history.traces.of(message.id)
            return [as_citation(one) for one in trace.chunks] if trace else []
        answer = message.answer
        if answer is None:
            return ()
        if among == VALUES:
            return [
                one.citation.model_copy(update={"n": i})
                for i, one in enumerate(answer.evidence, 1)
                if one.citation is not None
            ]
        return answer.citations if among == CITED else answer.refusal.closest if answer.refusal else ()

    def _holding(self, citation: Citation, first: str) -> tuple[Collection | None, Chunk | None]:
        """The collection with the cited passage; a conversation may have turned to another one since."""
        known: Collection | None = None
        for one in self._opened(first):
            if chunk := one.chunks([citation.chunk_id]).get(citation.chunk_id):
                return one, chunk
            known = known or one
        return known, None

    def _opened(self, first: str) -> Iterator[Collection]:
        for name in dict.fromkeys([first or self._settings.collection, *self._names()]):
            try:
                yield self._collection(name)
            except DocentError:  # gone or damaged; what the answer keeps of it can still be shown
                continue


def _file(found: Original) -> Path:
    if found.path is None or not found.is_pdf:
        raise NotFoundError(f"{found.name} has no pages that can be shown.")
    return found.path
