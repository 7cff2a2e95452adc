"""What was loaded for the first answer is left out of every later search for garbage."""

from __future__ import annotations

import gc
import threading
import time

from app.chat.job import Job
from app.schemas import Question
from app.ui import garbage


def job() -> Job:
    return Job("conversation", "message", Question(text="How many days?"))


def frozen_within(seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not gc.get_freeze_count() and time.monotonic() < deadline:
        time.sleep(0.02)
    return gc.get_freeze_count() > 0


def test_all_is_left_out_when_the_first_answer_is_done_and_never_again(monkeypatch):
    monkeypatch.setattr(garbage, "_first", threading.Lock())
    gc.unfreeze()
    first, second = job(), job()
    garbage.settle_after(first)
    assert not frozen_within(0.2)
    first.finish(None)
    assert frozen_within(10)
    gc.unfreeze()
    garbage.settle_after(second)
    second.finish(None)
    assert not frozen_within(0.5)
