"""Rated answers with what the model saw when it wrote them, put together by their question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.history import History, Message, Rating, Tree, Verdict
from app.schemas import Role, Trace

_MARKS = re.compile(r"(?:\[\d{1,3}\])+")

Prompt = tuple[tuple[str, str], ...]
"""Messages as (role, text): system, user and assistant, the last one of the user."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A rated answer.

    Attributes:
        prompt: what it answers.
        text: the answer as it was.
        better: what should have been answered; "" where nobody said.
        good: the thumb; None where it was taken back.
    """

    prompt: Prompt
    text: str
    better: str
    good: bool | None

    @property
    def best(self) -> str:
        """What a model had better say: the correction, else an answer that was liked; "" for none."""
        return self.better or (self.text if self.good else "")


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the answers to it that were rated."""

    question: str
    opinions: tuple[Opinion, ...]


def cases(history: History) -> Iterator[Case]:
    """All questions with rated answers, the newest rating first."""
    ratings = {rating.message_id: rating for rating in history.feedback.all()}
    grouped: dict[tuple[str, str | None], list[Message]] = {}
    for message in history.load(list(ratings)):
        if message.role is Role.ASSISTANT and message.content.strip():
            grouped.setdefault((message.conversation_id, message.parent_id), []).append(message)
    for (conversation, question), answers in grouped.items():
        if question is not None:
            yield _case(history, history.tree(conversation), question, answers, ratings)


def _case(
    history: History, tree: Tree, question: str, answers: list[Message], ratings: dict[str, Rating]
) -> Case:
    path = history.load([node.id for node in tree.branch(question)])
    opinions = (_opinion(history, path, answer, ratings[answer.id]) for answer in answers)
    return Case(path[-1].content if path else "", tuple(opinions))


def _opinion(history: History, path: list[Message], answer: Message, rating: Rating) -> Opinion:
    good = None if rating.verdict is None else rating.verdict is Verdict.GOOD
    text, better = answer.content.strip(), rating.correction.strip()
    trace = history.traces.of(answer.id)
    if trace is None or not trace.prompt:
        return Opinion(_said(path), text, better, good)
    passages = _passages(answer, trace)
    prompt = tuple((said.role, said.content) for said in trace.prompt)
    return Opinion(prompt, _marked(text, passages), _marked(better, passages), good)


def _said(path: list[Message]) -> Prompt:
    """The turns before an answer, where what the model saw was not kept."""
    return tuple((message.role.value, message.content) for message in path if message.content.strip())


def _passages(message: Message, trace: Trace) -> dict[int, int]:
    """The numbers of an answer's citations -> those that the passages have in the prompt."""
    holding = {chunk: sent.n for sent in reversed(trace.chunks) for chunk in (*sent.around, sent.chunk_id)}
    cited = message.answer.citations if message.answer else ()
    return {one.n: holding[one.chunk_id] for one in cited if one.chunk_id in holding}


def _marked(text: str, passages: Mapping[int, int]) -> str:
    """The text with the marks that the model would have to write."""
    return _MARKS.sub(lambda marks: _renumbered(marks[0], passages), text)


def _renumbered(marks: str, passages: Mapping[int, int]) -> str:
    """Marks side by side; two quotes of one passage have one mark."""
    numbers = dict.fromkeys(passages.get(int(n), int(n)) for n in re.findall(r"\d+", marks))
    return "".join(f"[{n}]" for n in numbers)
