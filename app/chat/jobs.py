"""Answers that are made in threads of their own, so that no page, reload or closed tab can lose one.

Whoever wants to see an answer looks at its job as often as they like, leaves, and comes back; the text so
far is in the history all the while.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from app.chat.keeper import Keeper
from app.errors import DocentError, UsageError
from app.history.records import Failure, Status
from app.schemas import Answer, Done, Event, Partial, Prepared, Question, Role, Token

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.history import History

logger = logging.getLogger(__name__)

StreamFactory = Callable[[threading.Event], Iterator[Event]]
"""Begins to answer; is given the event that asks it to stop. Runs in the job's thread."""

_CLOSE_SECONDS = 5.0


class Job:
    """One answer in the making.

    Attributes:
        conversation_id: where it belongs.
        message_id: the assistant's message in the history that the answer goes to.
        question: what was asked.
        asked_id: the message of the question; None where there is none.
        version: grows with each event and with the end.
        marks: the marks `[n]` of the text so far -> the number of the passage in the prompt.
    """

    def __init__(
        self, conversation_id: str, message_id: str, question: Question, asked_id: str | None = None
    ) -> None:
        self.conversation_id = conversation_id
        self.message_id = message_id
        self.question = question
        self.asked_id = asked_id
        self.cancelled = threading.Event()
        self.marks: dict[int, int] = {}
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._text = ""
        self._error: DocentError | None = None
        self._done = False
        self._listeners: list[Callable[[], None]] = []
        self.version = 0

    @property
    def events(self) -> tuple[Event, ...]:
        """All events so far; of partial objects the last one."""
        with self._changed:
            return tuple(self._events)

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self._text

    @property
    def done(self) -> bool:
        return self._done

    @property
    def error(self) -> DocentError | None:
        """Why it failed, once it is done."""
        return self._error

    @property
    def answer(self) -> Answer | None:
        """The finished answer, also of a stopped one."""
        last = self._events[-1] if self._events else None
        return last.answer if isinstance(last, Done) else None

    def cancel(self) -> None:
        """Ask it to stop; what there is will be kept."""
        self.cancelled.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is done and kept; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._done, timeout)

    def listen(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called, in the answer's thread, whenever `version` has grown; the result ends that."""
        with self._changed:
            self._listeners.append(tell)

        def forget() -> None:
            with self._changed:
                self._listeners.remove(tell)

        return forget

    def _add(self, event: Event) -> None:
        with self._changed:
            if isinstance(event, Partial) and self._events and isinstance(self._events[-1], Partial):
                self._events.pop()  # the next one holds all that it held
            self._events.append(event)
            self.version += 1
            if isinstance(event, Token):
                self._text += event.text
            self._tell()

    def _finish(self, error: DocentError | None) -> None:
        with self._changed:
            self._error, self._done = error, True
            self.version += 1
            self._tell()

    def _tell(self) -> None:
        self._changed.notify_all()
        for tell in self._listeners:
            tell()


class Jobs:
    """The running answers of this process, kept in `history` as they grow.

    Making it marks what an earlier process left unfinished as interrupted.

    Args:
        afterwards: what is done in the job's thread when its answer is kept and nobody waits any more.
    """

    def __init__(self, history: History, afterwards: Callable[[Job], None] | None = None) -> None:
        self._history = history
        self._afterwards = afterwards
        self._starting = threading.Lock()
        self._lock = threading.RLock()
        self._running: dict[str, tuple[Job, threading.Thread]] = {}
        self._keeper = Keeper(self._save, version=lambda job: job.text)
        history.interrupt_running()

    def running(self, conversation_id: str) -> tuple[Job, ...]:
        """The jobs of this conversation that are not done. Ask before reading the messages, not after."""
        with self._lock:
            jobs = [job for job, _ in self._running.values()]
        return tuple(job for job in jobs if job.conversation_id == conversation_id)

    def busy(self) -> frozenset[str]:
        """The conversations that are being answered."""
        with self._lock:
            return frozenset(job.conversation_id for job, _ in self._running.values())

    def job(self, message_id: str) -> Job | None:
        """The job that writes this message, unless it is done."""
        with self._lock:
            found = self._running.get(message_id)
        return found[0] if found else None

    def check_free(self, conversation_id: str, asked_id: str | None = None) -> None:
        """Whether it may be answered; further answers to the question that is being answered are fine.

        Raises:
            UsageError: another question of this conversation is being answered.
        """
        if any(asked_id is None or job.asked_id != asked_id for job in self.running(conversation_id)):
            raise UsageError("This conversation is still being answered. Wait for the answer, or stop it.")

    def start(
        self,
        conversation_id: str,
        question: Question,
        stream_factory: StreamFactory,
        *,
        parent_id: str | None = None,
        shown: bool = True,
    ) -> Job:
        """Begin an answer; its message is appended to the conversation at once.

        One question may be given several answers at once, side by side; see `app.history.tree`.

        Args:
            stream_factory: called in the job's thread, so it may take its time.
            parent_id: the message of the question.
            shown: whether the conversation shows this answer from now on.

        Raises:
            UsageError: another question of this conversation is being answered.
            NotFoundError: there is no such conversation.
        """
        # Writing takes its time, and who only looks at the jobs is not to wait for it.
        with self._starting:
            self.check_free(conversation_id, parent_id)
            message = self._history.append(
                conversation_id, Role.ASSISTANT, "", status=Status.STREAMING, parent_id=parent_id, shown=shown
            )
            job = Job(conversation_id, message.id, question, parent_id)
            thread = threading.Thread(
                target=self._run, args=(job, stream_factory), name=f"answer-{message.id}", daemon=True
            )
            with self._lock:
                self._running[message.id] = job, thread
            thread.start()
        return job

    def close(self) -> None:
        """Stop all answers and keep what there is of them; waits a few seconds for stubborn ones."""
        with self._lock:
            running = list(self._running.values())
        for job, _ in running:
            job.cancel()
        deadline = time.monotonic() + _CLOSE_SECONDS
        for _, thread in running:
            thread.join(max(0.0, deadline - time.monotonic()))

    # -- in the job's thread ---------------------------------------------------------------------

    def _run(self, job: Job, stream_factory: StreamFactory) -> None:
        error: DocentError | None = None
        try:
            self._follow(job, stream_factory(job.cancelled))
        except DocentError as raised:
            error = raised
        except Exception as raised:
            # Nobody is above this thread who could be told.
            logger.exception("An answer failed")
            error = DocentError(f"The answer failed unexpectedly ({type(raised).__name__}). Ask again.")
        try:
            self._keep(job, error)
        except DocentError as raised:
            logger.error("An answer could not be kept: %s", raised)
            error = error or raised
        finally:
            with self._lock:
                del self._running[job.message_id]
            job._finish(error)
        self._follow_up(job)

    def _follow_up(self, job: Job) -> None:
        try:
            if self._afterwards is not None:
                self._afterwards(job)
        except Exception:  # the answer is there; nobody is above this thread
            logger.exception("What follows an answer failed")

    def _follow(self, job: Job, stream: Iterator[Event]) -> None:
        self._keeper.add(job)
        try:
            with closing(_closable(stream)) as events:
                for event in events:
                    self._note(job, event)
                    job._add(event)
        finally:
            self._keeper.remove(job)

    def _note(self, job: Job, event: Event) -> None:
        """Keep what an answer stands on before its words, so that it can be gone on with after a crash."""
        try:
            if isinstance(event, Prepared):
                self._history.traces.keep(job.message_id, event.trace)
            elif isinstance(event, Token) and event.cites:
                job.marks |= event.cites
                self._history.traces.cite(job.message_id, job.marks)
        except DocentError as error:
            logger.warning("The record of an answer could not be kept: %s", error)

    def _save(self, job: Job) -> None:
        """Keep the text so far; a failure must not end an answer that may yet be kept as a whole."""
        try:
            self._history.update_message(job.message_id, content=job.text)
        except DocentError as error:
            logger.warning("Part of an answer could not be kept: %s", error)

    def _keep(self, job: Job, error: DocentError | None) -> None:
        answer, stopped = job.answer, job.cancelled.is_set()
        if error is not None:
            failure = Failure(
                code=error.code,
                message=str(error),
                values={key: str(value) for key, value in error.values.items()},
            )
            self._history.update_message(job.message_id, content=job.text, status=Status.ERROR, error=failure)
        elif answer is not None:
            stopped = any(notice.code == "stopped" for notice in answer.notices)
            self._history.update_message(
                job.message_id,
                content=answer.answer,
                status=Status.STOPPED if stopped else Status.DONE,
                record=answer,
            )
        else:
            status = Status.STOPPED if stopped else Status.INTERRUPTED
            self._history.update_message(job.message_id, content=job.text, status=status)


def _closable(stream: Iterator[Event]) -> Generator[Event, None, None]:
    """A generator over any iterator; closing it closes the stream, if that can be closed."""
    try:
        yield from stream
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()
