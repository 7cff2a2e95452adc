"""One of two answers that are compared: what it was asked with, how far it is, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from app.schemas import Role
from app.ui import bar_html, shell, turns
from app.ui.live.view import waiting_html
from app.ui.options.labels import model_label, without_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.chat.job import Job
    from app.history import Message, Tree
    from app.ui.texts import Texts


@dataclass(frozen=True, slots=True)
class Side:
    """An answer among the others to its question.

    Attributes:
        number: from 1, in the order in which they were asked for.
        job: what writes it, as long as it is being written.
        is_shown: whether the conversation goes on from it.
    """

    number: int
    message: Message
    job: Job | None
    is_shown: bool

    @property
    def id(self) -> str:
        return self.message.id

    def label(self, others: Sequence[Side], say: Texts) -> str:
        """Its number, and what it was asked with otherwise than the others."""
        own, all_ = self.settings(say), [side.settings(say) for side in others]
        special = [told for name, told in own.items() if any(one.get(name) != told for one in all_)]
        return " · ".join([say("compare.answer", number=self.number), *special])

    def settings(self, say: Texts) -> dict[str, str]:
        """What it was asked with, as far as that was kept: name -> words."""
        if self.job is not None:
            sampling = self.job.question.sampling
            return _settings(self.job.question.model or "", sampling.temperature, sampling.seed, say)
        answer = self.message.answer
        if answer is None:
            return {}
        return _settings(answer.model or "none", answer.temperature, answer.seed, say)

    def html(self, say: Texts) -> str:
        """The answer with its sources and how far it is supported; one that is being written fills itself."""
        if self.job is not None:
            return f'<div data-live="{escape(self.id)}">{waiting_html(say("chat.searching"))}</div>'
        return turns.message_html(self.message, say)

    def keep_html(self, say: Texts) -> str:
        """The button that lets the conversation go on from it."""
        if self.is_shown:
            return f'<p class="d-kept">{bar_html.icon("check")}{say.html("compare.kept")}</p>'
        return bar_html.offers([("keep", say("compare.keep"))], self.id)


def sides_of(question_id: str, tree: Tree) -> list[Side]:
    """All answers to a question, oldest first."""
    answers = [node.id for node in tree.children.get(question_id, []) if node.role is Role.ASSISTANT]
    branch = {node.id for node in tree.branch()}
    # The jobs are asked for first: what ends in between is in the messages then.
    jobs = {id: shell.runtime().jobs.job(id) for id in answers}
    messages = shell.runtime().history.load(answers)
    return [Side(i, one, jobs[one.id], one.id in branch) for i, one in enumerate(messages, 1)]


def _settings(model: str, temperature: float | None, seed: int | None, say: Texts) -> dict[str, str]:
    name = {"model": model_label(model, say)}
    if without_model(model):  # which draws nothing
        return name
    told = (
        {} if temperature is None else {"temperature": say("compare.temperature", value=f"{temperature:g}")}
    )
    return told | ({} if seed is None else {"seed": say("compare.seed", value=seed)}) | name
