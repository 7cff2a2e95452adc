"""Follow folders: a run at the beginning, and one after each change, for as long as one wants."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from app.errors import BackendUnavailableError, CollectionBusyError, DocentError, StorageError
from ingest.excludes import IGNORE_FILE

if TYPE_CHECKING:
    from watchfiles import Change

    from app.schemas import IngestReport

# A change is taken up when nothing more has changed for a while, or has been changing for long.
_QUIET_MS = 500
_LONGEST_MS = 5_000
# Between two looks at whether the folders are still there.
_LOOK_MS = 1_000
# After a run that could not be done: the disk is away, another process writes, a server does not answer.
# What may be over by the next try, also when the first run meets it.
_MAY_PASS = (BackendUnavailableError, CollectionBusyError, StorageError)
_SECONDS_BEFORE_ANOTHER_TRY = 10.0


def follow(
    roots: Sequence[Path],
    run: Callable[[], IngestReport],
    tell: Callable[[IngestReport | DocentError], None],
    *,
    never: Path,
    stop: Event,
) -> None:
    """Run once, and again whenever something below the roots has changed, until `stop` is set.

    A run looks at everything anew, so that nothing is lost when a message of the system is. What goes wrong
    after the first run is told, once, and tried again; a root that is gone for a while changes nothing.

    Args:
        run: `sync` with `following`.
        tell: told each report and each error.
        never: a folder whose changes mean nothing (our own data).

    Raises:
        DocentError: by the first run, when waiting would not help.
        StorageError: the system cannot watch so many folders.
    """
    follower = _Follower(roots, never.resolve(), stop)
    told = ""
    for is_first in follower.rounds():
        try:
            tell(run())
            told = ""
        except DocentError as error:
            if is_first and not isinstance(error, _MAY_PASS):
                raise
            if str(error) != told:
                tell(error)
            told = str(error)
            follower.again_in(_SECONDS_BEFORE_ANOTHER_TRY)


class _Follower:
    def __init__(self, roots: Sequence[Path], never: Path, stop: Event) -> None:
        self._roots = [root.resolve() for root in roots]
        self._never = never
        self._stop = stop
        self._due = float("inf")

    def again_in(self, seconds: float) -> None:
        self._due = time.monotonic() + seconds

    def rounds(self) -> Iterator[bool]:
        """Yields when a run is due: True at first, then False."""
        yield True
        while not self._stop.is_set():
            there = self._there()
            for changed in self._looks(there):
                if changed or time.monotonic() >= self._due:
                    self._due = float("inf")
                    yield False
                if self._there() != there:  # what watches one folder knows nothing of its successor
                    self.again_in(0)
                    break

    def _there(self) -> dict[Path, tuple[int, int]]:
        """The roots that are there, and which folders or files these are."""
        found = {}
        for root in self._roots:
            try:
                status = root.stat()
            except OSError:
                continue
            found[root] = (status.st_dev, status.st_ino)
        return found

    def _looks(self, there: dict[Path, tuple[int, int]]) -> Iterator[bool]:
        """Whether something changed, about once a second; True at first, for what changed before."""
        if not there:
            self._stop.wait(_LOOK_MS / 1000)
            yield False
            return
        from watchfiles import watch

        looks = watch(
            *there,
            watch_filter=self._matters,
            debounce=_LONGEST_MS,
            step=_QUIET_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._stop,
            ignore_permission_denied=True,
        )
        try:
            for number, changes in enumerate(looks):
                yield bool(changes) or number == 0
        except (OSError, RuntimeError) as error:  # the second is what the library's own errors are
            if self._there() != there:
                return
            raise StorageError(
                f"The system cannot watch {', '.join(map(str, there))} ({error}). Let it watch more (on "
                "Linux, raise fs.inotify.max_user_watches), or look by turns: set WATCHFILES_FORCE_POLLING=1."
            ) from error

    def _matters(self, change: Change, path: str) -> bool:
        name = os.path.basename(path)  # noqa: PTH119 - for each of very many events
        if name.startswith((".", "~$")) and name != IGNORE_FILE:
            return False
        return not Path(path).is_relative_to(self._never)
