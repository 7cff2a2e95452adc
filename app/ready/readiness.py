"""Whether this process can answer, for probes: asked often, within a time, also of servers that hang."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import threading
import time
from collections.abc import Callable, Container, Mapping
from concurrent.futures import Future

from app.errors import DocentError

logger = logging.getLogger(__name__)

SECONDS = 3.0
"""How long a probe waits at most."""

FRESH_SECONDS = 5.0
"""How long what was found is not looked at again."""

_SETTING = re.compile(r"\bDOCENT_[A-Z_]+[A-Z]\b")


class Readiness:
    """Looks at all parts at once, each in a thread of its own.

    Args:
        checks: by the part's name; one that returns is ready, one that raises is not.
        lasting: parts that stay ready once they are, as they are in memory then.
    """

    def __init__(
        self,
        checks: Mapping[str, Callable[[], object]],
        seconds: float = SECONDS,
        fresh: float = FRESH_SECONDS,
        lasting: Container[str] = (),
    ) -> None:
        self._parts = {name: _Part(name, check, fresh, name in lasting) for name, check in checks.items()}
        self._seconds = seconds

    async def look(self) -> dict[str, str]:
        """Why each part is not ready, by its name; "" for one that is. Names no address and no secret."""
        asked = {name: asyncio.wrap_future(part.begin()) for name, part in self._parts.items()}
        await asyncio.wait(asked.values(), timeout=self._seconds)
        late = f"no answer within {self._seconds:g} seconds"
        return {name: found.result() if found.done() else late for name, found in asked.items()}


class _Part:
    """One check, of which one runs at a time, however many probes come."""

    def __init__(self, name: str, check: Callable[[], object], fresh: float, lasts: bool) -> None:
        self._name = name
        self._check = check
        self._fresh = fresh
        self._lasts = lasts
        self._lock = threading.Lock()
        self._found: Future[str] | None = None
        self._last = ""
        self._stale = 0.0

    def begin(self) -> Future[str]:
        """What is being looked at, or was just found."""
        with self._lock:
            if self._found is None or (self._found.done() and time.monotonic() >= self._stale):
                self._found = Future()
                threading.Thread(target=self._look, args=(self._found,), name="ready", daemon=True).start()
            return self._found

    def _look(self, found: Future[str]) -> None:
        why = self._asked()
        seconds = math.inf if self._lasts and not why else self._fresh
        self._last, self._stale = why, time.monotonic() + seconds
        found.set_result(why)

    def _asked(self) -> str:
        try:
            self._check()
        except DocentError as error:
            # What may be shown to anybody: the kind of error, and the settings that its message names.
            why = ", ".join([error.code, *dict.fromkeys(_SETTING.findall(str(error)))])
            if why != self._last:
                logger.warning("not ready: %s: %s", self._name, error)
            return why
        except Exception as error:
            if self._last != type(error).__name__:
                logger.exception("not ready: %s", self._name)
            return type(error).__name__
        return ""
