"""`Memory`: the summaries of kept conversations: what a question is told, and when they are renewed."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.chat.context import trim_history, without_free_answers
from app.chat.memory.budget import SUMMARY_SHARE, fits, longest
from app.chat.memory.sentences import by_sentences
from app.chat.memory.turns import Exchange, as_turns, exchanges, mode_of
from app.chat.memory.writing import by_model
from app.chat.tokens import count_tokens
from app.errors import DocentError, UsageError
from app.history import Summary
from app.schemas import Mode, Question, Turn

if TYPE_CHECKING:
    from app.chat.job import Job
    from app.config import Settings
    from app.history import History
    from app.llm import ChatModel

_log = logging.getLogger(__name__)

# Of the budget: what is left of the newest turns after a renewal, so that the next one is some turns away.
_KEPT_SHARE = 0.4
_LEAST_SHARE = 0.1  # what is added to a user's own words, however long they are
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a question is told of the conversation before it."""

    summary: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """A branch: its path, the summary that covers most of it, and what was said after that."""

    path: list[str]
    summary: Summary | None
    exchanges: list[Exchange]


class Memory:
    """The memory of kept conversations. Safe to use from many threads.

    Args:
        history: where the messages and their summaries are.
        settings: `history_tokens`.
        models: gives the language model with a name; None where there is none.
    """

    def __init__(
        self, history: History, settings: Settings, models: Callable[[str | None], ChatModel | None]
    ) -> None:
        self._history = history
        self._budget = settings.history_tokens
        self._models = models
        self._closing = threading.Event()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def close(self) -> None:
        """Leave what is being written; the next answer brings it up again."""
        self._closing.set()

    def recall(self, conversation_id: str, leaf: str | None, mode: Mode = Mode.DOCUMENTS) -> Recalled:
        """What a question that follows `leaf` is told; nothing where it begins the conversation."""
        if leaf is None:
            return Recalled("", ())
        told = self._since(conversation_id, leaf, free=mode is Mode.FREE)
        return Recalled(told.summary.text if told.summary else "", as_turns(told.exchanges))

    def summary(self, path: Sequence[str], mode: Mode = Mode.DOCUMENTS) -> Summary | None:
        """The summary that a question at the end of a path (ids, oldest first) is told."""
        return self._history.summaries.latest(path, free=mode is Mode.FREE)

    def edit(self, summary: Summary, words: str | None) -> None:
        """Let the user's words stand for a summary; "" leaves it out, None restores the automatic one.

        Raises:
            UsageError: they take more than half of the budget.
            NotFoundError: it is gone.
        """
        limit, used = longest(self._budget), count_tokens(words or "")
        if used > limit:
            raise UsageError(
                f"The summary has about {used:,} tokens; the limit is {limit:,}. Shorten it, or raise "
                "DOCENT_HISTORY_TOKENS.",
                tokens=used,
                limit=limit,
            )
        self._history.summaries.edit(summary.message_id, words, free=summary.free)

    def renew_after(self, job: Job) -> None:
        """Renew what the next question would find too long; what goes wrong here costs no answer."""
        if job.answer is None or self._closing.is_set():
            return
        try:
            self.renew(job.message_id, job.question)
        except DocentError as error:
            _log.warning("A conversation was not summarised: %s", error)

    def renew(self, message_id: str, question: Question) -> Summary | None:
        """A summary up to a later message of this branch, if its turns no longer fit; None if they do.

        Args:
            message_id: the last message of the branch.
            question: its `model` writes the summary, its `mode` says what may be in it.
        """
        conversation = self._history.message(message_id).conversation_id
        with self._locks[conversation]:
            for _ in range(_TRIES):
                made, basis = self._made(conversation, message_id, question)
                if made is None or self._closing.is_set():
                    return None
                if self._history.summaries.keep(made, basis):
                    return made
        return None

    # -- inside ----------------------------------------------------------------------------------

    def _made(
        self, conversation: str, leaf: str, question: Question
    ) -> tuple[Summary | None, Summary | None]:
        """The new summary, and the one that it carries on."""
        told = self._since(conversation, leaf, free=question.mode is Mode.FREE)
        basis, turns = told.summary, as_turns(told.exchanges)
        if self._budget <= 0 or fits(basis.text if basis else "", turns, self._budget):
            return None, basis
        _, cut = trim_history(turns, round(self._budget * _KEPT_SHARE))
        # The last exchange stays: follow-ups lean on it.
        falling = told.exchanges[: min(cut // 2, len(told.exchanges) - 1)]
        if not falling:
            return None, basis
        last = falling[-1][1].id
        covers = told.path.index(last) + 1
        return self._written(basis, falling, question, last, covers), basis

    def _since(self, conversation: str, leaf: str, *, free: bool) -> _Told:
        path = [node.id for node in self._history.tree(conversation).branch(leaf)]
        summary = self._history.summaries.latest(path, free=free)
        start = path.index(summary.message_id) + 1 if summary else 0
        return _Told(path, summary, exchanges(self._history.load(path[start:])))

    def _written(
        self, basis: Summary | None, falling: Sequence[Exchange], question: Question, last: str, covers: int
    ) -> Summary:
        free = question.mode is Mode.FREE
        turns = as_turns(falling)
        turns = turns if free else without_free_answers(turns)
        holds_free = (basis is not None and basis.free) or any(
            mode_of(answer) is Mode.FREE for _, answer in falling
        )
        room = round(self._budget * SUMMARY_SHARE)
        words = basis.words if basis else None
        if basis is None or words is None:
            text, model = self._carried_on(basis.automatic if basis else "", turns, room, question.model)
            automatic, rest = text, ""
        else:
            left = max(room - count_tokens(words), round(self._budget * _LEAST_SHARE))
            rest, model = self._carried_on(basis.rest, turns, left, question.model, words)
            automatic = by_sentences(basis.automatic, turns, room)
        return Summary(
            message_id=last,
            free=free and holds_free,
            covers=covers,
            automatic=automatic,
            words=words,
            rest=rest,
            model=model,
        )

    def _carried_on(
        self, summary: str, turns: Sequence[Turn], room: int, name: str | None, known: str = ""
    ) -> tuple[str, str | None]:
        """By the model, and by sentences if there is none or it fails; and who wrote it."""
        try:
            model = self._models(name)
            if model is not None:
                text = by_model(model, summary, turns, room, known=known, cancelled=self._closing)
                if text:
                    return text, model.endpoint.name
        except DocentError as error:
            _log.warning("The model wrote no summary, so sentences were picked: %s", error)
        return by_sentences(summary, turns, room), None
