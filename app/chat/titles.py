"""A better title than the rules give, by one small call of the language model after the first answer."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import TYPE_CHECKING, cast

from app.chat.generate import Model, bound, template
from app.chat.marks import without_marks
from app.errors import DocentError
from app.history import Status
from app.history.titles import LONGEST, title_of
from app.schemas import Sampling

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

    from app.chat.job import Job
    from app.history import History, Message

log = logging.getLogger(__name__)

_MOST_TOKENS = 256
_MOST_CHARACTERS = LONGEST + 20
_CHARACTERS = 600
_AROUND = " \t\"'“”‘’«»「」`*#_.…。:："


def name_after(
    job: Job, history: History, model_of: Callable[[str | None], Model | None]
) -> threading.Thread:
    """Wait in a thread until the answer is done, and let its model name the conversation.

    Only the first answer does, and a title that anybody gave meanwhile stays. A failure is silent: the
    title of the rules is there already.

    Args:
        model_of: the language model with this name, or none.
    """

    def run() -> None:
        job.wait()
        try:
            _name(job, history, model_of)
        except DocentError as error:
            log.info("A conversation keeps the title of the rules: %s", error)
        except Exception:
            log.warning("A conversation keeps the title of the rules", exc_info=True)

    thread = threading.Thread(target=run, name=f"title-{job.message_id}", daemon=True)
    thread.start()
    return thread


def _name(job: Job, history: History, model_of: Callable[[str | None], Model | None]) -> None:
    answer = history.message(job.message_id)
    question = history.message(answer.parent_id) if answer.parent_id else None
    given = history.conversation(job.conversation_id).title
    is_first = question is not None and question.parent_id is None and given == title_of(question.content)
    if question is None or not is_first or answer.status is not Status.DONE:
        return
    model = model_of(job.question.model)
    title = title_by(model, question, answer) if model is not None else ""
    if title:
        history.entitle(job.conversation_id, title, instead_of=given)


def title_by(model: Model, question: Message, answer: Message) -> str:
    """The model's title without what models put around it; "" if it is none.

    Raises:
        ModelError: the model does not answer.
    """
    sampling = Sampling(temperature=0.0, max_tokens=_MOST_TOKENS)
    asked = template("title") | bound(model, sampling=sampling)
    texts = {"question": question.content, "answer": without_marks(answer.content)}
    said = ""
    given = {name: text[:_CHARACTERS] for name, text in texts.items()}
    with closing(cast("Generator[AIMessageChunk]", asked.stream(given))) as pieces:
        for piece in pieces:
            said += piece.text
            if _is_enough(said):
                break
    return _usable(said)


def _is_enough(said: str) -> bool:
    """Whether there is a line or more than a title may have; the rest only costs time and tokens."""
    *whole, last = said.split("\n")
    return any(line.strip(_AROUND) for line in whole) or len(last) > 2 * _MOST_CHARACTERS


def _usable(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip(_AROUND)]
    line = re.sub(r"^\W*(?:title|제목)\s*[:：]\s*", "", lines[0], flags=re.IGNORECASE) if lines else ""
    line = " ".join(without_marks(line).strip(_AROUND).split())
    # One that goes on and on is an answer, not a title.
    return line if 1 < len(line) <= _MOST_CHARACTERS else ""
