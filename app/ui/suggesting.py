"""Suggested questions for the pages: made in a thread beside the answers, once, and kept.

Those to begin with are kept for a state of the collection, those after an answer with the answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from app.errors import DocentError
from app.schemas import Role
from app.ui.options import Options

if TYPE_CHECKING:
    from app.history import Message
    from app.language import Language
    from app.llm import ChatModel
    from app.runtime import Runtime

log = logging.getLogger(__name__)

_MOST_KEPT = 64
# Who waits for an answer goes before who waits for a suggestion, for so long.
_MOST_SECONDS_ASIDE = 20.0
_PAUSE = 1.0  # seconds in which a reader may have asked already

Key = tuple[object, ...]


class Suggestions:
    """Makes them, one after another. Safe to use from many threads."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="suggest")
        self._made: OrderedDict[Key, Future[tuple[str, ...]]] = OrderedDict()

    def starters(
        self, collection: str, language: Language, files: Sequence[str] = ()
    ) -> Future[tuple[str, ...]]:
        """Questions to begin with, on these files or on any.

        Raises:
            NotFoundError: there is no such collection.
        """
        generation = self._runtime.collection(collection).generation
        key = "start", collection, generation, language, tuple(files)
        return self._once(key, lambda: self._starters(collection, language, files))

    def follow_ups(self, message_id: str) -> Future[tuple[str, ...]]:
        """Questions to go on with after an answer.

        Raises:
            NotFoundError: there is no such message.
        """
        message = self._runtime.history.message(message_id)
        kept = self._runtime.history.follow_ups.of(message_id)
        if kept is not None:
            return _done(kept)
        return self._once(("after", message_id), lambda: self._follow_ups(message))

    def _once(self, key: Key, make: Callable[[], Sequence[str]]) -> Future[tuple[str, ...]]:
        with self._lock:
            if key not in self._made:
                self._made[key] = self._pool.submit(self._make, make)
                while len(self._made) > _MOST_KEPT:
                    self._made.popitem(last=False)
            return self._made[key]

    def _make(self, make: Callable[[], Sequence[str]]) -> tuple[str, ...]:
        end = time.monotonic() + _MOST_SECONDS_ASIDE
        try:
            time.sleep(_PAUSE)
            while self._runtime.jobs.is_at_work() and time.monotonic() < end:
                time.sleep(0.1)
            return tuple(make())
        except DocentError as error:
            log.info("no suggestions were made: %s", error)
        except Exception:
            log.warning("no suggestions were made", exc_info=True)
        return ()

    # -- in the thread -------------------------------------------------------------------------------

    def _starters(self, collection: str, language: Language, files: Sequence[str]) -> Sequence[str]:
        from app.chat.suggest import starters
        from app.chat.suggest.starters import DOCUMENTS, PASSAGES

        held = self._runtime.collection(collection)
        where = {"file_id": tuple(files)} if files else {}
        chunks = held.openings(DOCUMENTS, PASSAGES, files)
        return starters(self._runtime.pipeline(collection, "none"), chunks, language, where=where)

    def _follow_ups(self, message: Message) -> Sequence[str]:
        from app.chat.suggest import follow_ups

        history, answer = self._runtime.history, message.answer
        if answer is None or self._runtime.settings.follow_ups == "off":
            return ()
        conversation = history.conversation(message.conversation_id)
        branch = history.messages(conversation.id, message.id)
        options = Options.of(conversation, self._runtime.settings)
        found = follow_ups(
            answer,
            self._runtime.collection(conversation.collection),
            self._runtime.pipeline(conversation.collection, "none"),
            model=self._model(options),
            asked=[one.content for one in branch if one.role is Role.USER],
            where=options.where(answer.question),
        )
        history.follow_ups.keep(message.id, found)
        return found

    def _model(self, options: Options) -> ChatModel | None:
        if self._runtime.settings.follow_ups != "model":
            return None
        return self._runtime.language_model(options.model or None)


def _done(found: tuple[str, ...]) -> Future[tuple[str, ...]]:
    future: Future[tuple[str, ...]] = Future()
    future.set_result(found)
    return future
