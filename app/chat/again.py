"""Does something again and again, from a thread of its own, for as long as there is something to do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from app.errors import DocentError

logger = logging.getLogger(__name__)


class Again:
    """Calls `act` every `seconds` seconds from `begin` on, until it says that there is no more to do.

    Args:
        act: whether to go on; after an error it goes on as well.
    """

    def __init__(self, act: Callable[[], bool], seconds: float, name: str) -> None:
        self._act = act
        self._seconds = seconds
        self._name = name
        self._lock = threading.Lock()
        self._is_wanted = False
        self._is_running = False

    def begin(self) -> None:
        """Returns at once; does nothing while it goes on."""
        with self._lock:
            self._is_wanted = True
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        goes_on = True
        while goes_on:
            pause.wait(self._seconds)
            with self._lock:
                self._is_wanted = False
            is_left = self._once()
            with self._lock:  # who begins it during the last call is not to be missed
                goes_on = self._is_running = is_left or self._is_wanted

    def _once(self) -> bool:
        try:
            return self._act()
        except DocentError as error:
            logger.warning("%s: %s", self._name, error)
        except Exception:  # nobody is above this thread
            logger.exception(self._name)
        return True
