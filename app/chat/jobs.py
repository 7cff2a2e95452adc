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

from app.chat.again import Again
from app.chat.elsewhere import Elsewhere
from app.chat.job import Job
from app.chat.keeper import Keeper
from app.errors import DocentError, StoppingError, UsageError
from app.history.records import Failure, Status
from app.history.writers import new_writer
from app.schemas import Event, Prepared, Question, Role, Token

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.history import History

logger = logging.getLogger(__name__)

StreamFactory = Callable[[threading.Event], Iterator[Event]]
"""Begins to answer; is given the event that asks it to stop. Runs in the job's thread."""

_CLOSE_SECONDS = 5.0
_SECONDS_BETWEEN_BEATS = 1.0


class Jobs:
    """The running answers of this process, kept in `history` as they grow, and those of others on it.

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
        self._writer = new_writer()
        self._elsewhere = Elsewhere(history, self._writer)
        self._beats = Again(self._beat, _SECONDS_BETWEEN_BEATS, "signs of life")
        self._is_draining = False
        history.interrupt_running()
        self._elsewhere.jobs()

    def running(self, conversation_id: str) -> tuple[Job, ...]:
        """The jobs of this conversation that are not done. Ask before reading the messages, not after."""
        return tuple(job for job in self._all() if job.conversation_id == conversation_id)

    def busy(self) -> frozenset[str]:
        """The conversations that are being answered."""
        return frozenset(job.conversation_id for job in self._all())

    def job(self, message_id: str) -> Job | None:
        """The job that writes this message, unless it is done."""
        with self._lock:
            found = self._running.get(message_id)
        return found[0] if found else next((job for job in self._all() if job.message_id == message_id), None)

    def is_at_work(self) -> bool:
        """Whether this process writes an answer."""
        return bool(self._running)

    def _own(self) -> tuple[Job, ...]:
        with self._lock:
            return tuple(job for job, _ in self._running.values())

    def _all(self) -> tuple[Job, ...]:
        return self._own() + self._elsewhere.jobs()

    def check_open(self) -> None:
        """
        Raises:
            StoppingError: this process is about to end, and begins nothing any more.
        """
        if self._is_draining:
            raise StoppingError("This server is being stopped. Ask again in a moment.")

    def check_free(self, conversation_id: str, asked_id: str | None = None) -> None:
        """Whether it may be answered; further answers to the question that is being answered are fine.

        Raises:
            UsageError: another question of this conversation is being answered.
            StoppingError: as `check_open`.
        """
        self.check_open()
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
                conversation_id,
                Role.ASSISTANT,
                "",
                status=Status.STREAMING,
                parent_id=parent_id,
                shown=shown,
                writer=self._writer,
            )
            job = Job(conversation_id, message.id, question, parent_id)
            thread = threading.Thread(
                target=self._run, args=(job, stream_factory), name=f"answer-{message.id}", daemon=True
            )
            with self._lock:
                self._running[message.id] = job, thread
            self._beats.begin()
            thread.start()
        return job

    def drain(self, seconds: float) -> None:
        """Begin no answer any more; those that do not end within this time are interrupted, and kept."""
        self._is_draining = True
        deadline = time.monotonic() + seconds
        with self._starting:  # one that has just been let in counts as well
            under_way = self._own()
        for job in under_way:
            job.wait(max(0.0, deadline - time.monotonic()))
        for job in self._own():
            job.is_cut_off = True
        self.close()

    def close(self) -> None:
        """Stop all answers and keep what there is of them; waits a few seconds for stubborn ones."""
        self._elsewhere.close()
        with self._lock:
            running = list(self._running.values())
        for job, _ in running:
            job.cancel()
        deadline = time.monotonic() + _CLOSE_SECONDS
        for _, thread in running:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _beat(self) -> bool:
        if not self._running:
            return False
        wanted = self._history.answering.beat(self._writer)
        for job in self._own():
            if job.message_id in wanted:
                job.cancel()
        return True

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
            job.finish(error)
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
                    job.add(event)
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
        cut = Status.INTERRUPTED if job.is_cut_off else Status.STOPPED
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
                status=cut if stopped else Status.DONE,
                record=answer,
            )
        else:
            status = cut if stopped else Status.INTERRUPTED
            self._history.update_message(job.message_id, content=job.text, status=status)


def _closable(stream: Iterator[Event]) -> Generator[Event, None, None]:
    """A generator over any iterator; closing it closes the stream, if that can be closed."""
    try:
        yield from stream
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()
