"""Keeps the collection of garbage short.

The framework has all generations of garbage collected after each run of its script, and every thread stands still
meanwhile: with LangChain in memory a quarter of a second at each click. What libraries made when they were imported
stays as long as the process, and need not be looked through each time.
"""

from __future__ import annotations

import gc
import sys
import threading

_lock = threading.Lock()
_known = 0


def spare_what_stays() -> None:
    """Leave out what there is from now on, if something was imported since the last time."""
    global _known
    with _lock:
        if len(sys.modules) == _known:
            return
        _known = len(sys.modules)
        gc.collect()
        gc.freeze()
