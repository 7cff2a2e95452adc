"""From a follow-up to a question that stands alone: by the model, or by rules where there is none."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from operator import itemgetter

from langchain_core.runnables import Runnable, RunnableBranch, RunnableLambda

from app.chat.assign import State, assign
from app.chat.figures import added_numbers, lost_names, lost_numbers
from app.chat.follow_up import is_follow_up
from app.chat.generate import Model, as_turns, bound, template
from app.chat.marks import without_marks
from app.schemas import Role, Sampling, Turn

_MOST_TOKENS = 256
_LONGEST = 1000
_ANSWER_CHARACTERS = 600

_MOST_BACK = 2


def condense_chain(
    model: Model | None, seed: int | None = None, cancelled: threading.Event | None = None
) -> Runnable[State, str]:
    """`question` and `history` → a question that can be understood without the history.

    It is unchanged when it can be already.

    Raises:
        ModelError: the model does not answer; only when it runs.
    """
    if model is None:
        return RunnableLambda(_ruled)
    from langchain_core.output_parsers import StrOutputParser

    sampling = Sampling(temperature=0.0, max_tokens=_MOST_TOKENS, seed=seed)
    asked = RunnableLambda(_asked) | template("condense")
    said = asked | bound(model, sampling=sampling, cancelled=cancelled) | StrOutputParser()
    rewritten = assign(said=said) | RunnableLambda(_rewritten)
    return RunnableBranch((_needs_history, rewritten), itemgetter("question"))


def _needs_history(given: State) -> bool:
    """A question that names what it is about is left alone, whatever was talked about before."""
    return bool(given["history"] or given.get("summary")) and is_follow_up(given["question"])


def _ruled(given: State) -> str:
    return by_rules(given["question"], as_turns(given["history"]))


def _asked(given: State) -> dict[str, str]:
    before = f"(Notes on earlier turns)\n{given['summary']}\n" if given.get("summary") else ""
    conversation = before + _conversation(as_turns(given["history"]))
    return {"conversation": conversation, "question": given["question"]}


def _rewritten(given: State) -> str:
    """What the model made of the question; by the rules if that is none, or another one."""
    said = _usable(given["said"])
    return said if said and _is_faithful(said, given) else _ruled(given)


def _is_faithful(said: str, given: State) -> bool:
    """Whether it has the numbers, dates and names of the question, and none that nobody has mentioned."""
    question = given["question"]
    turns = (turn.content for turn in as_turns(given["history"]))
    mentioned = "\n".join([question, given.get("summary", ""), *turns])
    lost = lost_numbers(question, said) or lost_names(question, said)
    return not (lost or added_numbers(said, mentioned) or lost_names(said, mentioned))


def by_rules(question: str, history: Sequence[Turn]) -> str:
    """A follow-up is joined with the question that it follows; the same input gives the same text."""
    if not is_follow_up(question):
        return question
    joined = [question]
    for turn in reversed(history):
        if turn.role is Role.USER:
            joined.append(turn.content.strip())
            if len(joined) > _MOST_BACK or not is_follow_up(turn.content):
                break
    return " ".join(reversed(joined))


def _usable(said: str) -> str:
    """The model's question without what models put around it; "" if it is none."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    line = re.sub(r"^(?:question|질문)\s*[:：]\s*", "", lines[0], flags=re.IGNORECASE) if lines else ""
    line = without_marks(line).strip("\"'“”‘’` ")
    return line if len(line) <= _LONGEST else ""


def _conversation(history: Sequence[Turn]) -> str:
    names = {Role.USER: "User", Role.ASSISTANT: "Assistant"}
    return "\n".join(f"{names[turn.role]}: {_shortened(without_marks(turn.content))}" for turn in history)


def _shortened(text: str) -> str:
    return text if len(text) <= _ANSWER_CHARACTERS else text[:_ANSWER_CHARACTERS] + " …"
