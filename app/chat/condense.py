"""From a follow-up to a question that stands alone: by the model, or by rules where there is none."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from operator import itemgetter

from langchain_core.runnables import Runnable, RunnableBranch, RunnableLambda

from app.chat.assign import State, assign
from app.chat.generate import Model, as_turns, bound, template
from app.chat.marks import without_marks
from app.schemas import Role, Sampling, Turn
from vectorstore.tokens import tokenize

_MOST_TOKENS = 256
_LONGEST = 1000
_ANSWER_CHARACTERS = 600

# A question that begins or ends like this goes on from the one before …
_FOLLOWS = re.compile(
    r"^\W*(?:and|but|so|then|or|also|what about|how about|what if|same for|for example)\b"
    r"|^\W*(?:why|why not|how so|really|since when|how come)\W*$"
    r"|^\W*(?:그럼|그러면|그리고|그런데|근데|그래서|그러니까|그렇다면|또|또는)(?=[\s,])"
    r"|[은는도]요?\s*\?*\s*$|^[^을를]*면요?\s*\?*\s*$",
    re.IGNORECASE,
)
# … and so does one in which such a word has nothing before it that it could stand for.
_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|him|his|her|hers|both|else|instead"
    r"|(?:that|this|these|those)(?= one|\W*$)"
    r"|(?:is|are|does|do|did|can|will|was|were) (?:that|this|those|these)"
    r"|(?:about|after|before|for|of|with|in|on|like|than|by) (?:that|those)"
    r"|the (?:same|other|former|latter|first|second)(?= one|\W*$))\b"
    r"|(?:^|(?<=\s))(?:그|이|저)(?:것|거|건|게|걸|곳|때|들)"
    r"|(?:^|(?<=\s))(?:거기|여기|그중|그 중|이 중|앞의|위의|나머지|그동안|그날|그렇게|이렇게)"
    r"|(?:^|(?<=\s))(?:그|해당)\s+(?=[가-힣])",
    re.IGNORECASE,
)
# … and one that asks, in Korean, without saying about what: 언제까지 써야 하나요?
_NAMES_NOTHING = re.compile(
    r"^\W*(?:(?:언제|며칠|얼마|어떻게|누가|누구|어디|무엇|뭐|뭘|왜)\S*\s+|\S+야\s+)+\S+\s*$"
)
_MOST_BACK = 2
_FOLLOW_UP_CHARACTERS = 300


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
    return RunnableBranch((_has_history, rewritten), itemgetter("question"))


def _has_history(given: State) -> bool:
    return bool(given["history"] or given.get("summary"))


def _ruled(given: State) -> str:
    return by_rules(given["question"], as_turns(given["history"]))


def _asked(given: State) -> dict[str, str]:
    before = f"(Notes on earlier turns)\n{given['summary']}\n" if given.get("summary") else ""
    conversation = before + _conversation(as_turns(given["history"]))
    return {"conversation": conversation, "question": given["question"]}


def _rewritten(given: State) -> str:
    """What the model made of the question; by the rules if that is none."""
    return _usable(given["said"]) or _ruled(given)


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


def is_follow_up(question: str) -> bool:
    """Whether a question seems to need the one before it.

    It begins or ends like one that goes on, points to something that it does not name, or names nothing.
    """
    if len(question) > _FOLLOW_UP_CHARACTERS:
        return False
    if _FOLLOWS.search(question) or _NAMES_NOTHING.match(question) or len(set(tokenize(question))) <= 1:
        return True
    return any(_points_outside(question, match) for match in _POINTS.finditer(question))


def _points_outside(question: str, match: re.Match[str]) -> bool:
    """`How long does it take?` does; `May employees stay if they are sick?` points to its own words."""
    last = not any(character.isalnum() for character in question[match.end() :])
    return last or len(set(tokenize(question[: match.start()]))) <= 1


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
