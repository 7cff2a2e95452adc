"""Python's search for garbage, once all is loaded that answers need.

A full search goes through everything in memory while all threads stand still: a fifth of a second with
LangChain loaded, again and again while many ask. What the first answer had loaded stays for good, and is left
out.
"""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.chat.job import Job

_first = threading.Lock()


def settle_after(job: Job) -> None:
    """Once in the life of a process: when this answer is done, leave out all that is in memory by then."""
    if _first.acquire(blocking=False):
        threading.Thread(target=_settle, args=(job,), name="garbage", daemon=True).start()


def _settle(job: Job) -> None:
    job.wait()
    gc.collect()
    gc.freeze()
