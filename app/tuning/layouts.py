"""The layouts of TRL's data sets: preference (DPO), supervised (SFT) and unpaired preference (KTO).

Standard rows are texts, conversational ones lists of messages. A row has the columns of its layout and no
other, since TRL tells the layouts apart by them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from app.tuning.cases import Case, Prompt

Layout = Literal["dpo", "sft", "kto"]
Row = dict[str, Any]


def write(cases: Iterable[Case], layout: Layout, *, conversational: bool) -> tuple[bytes, int]:
    """The data set as JSON lines in UTF-8, and how many there are; no line stands there twice."""
    form = _conversational if conversational else _standard
    lines = dict.fromkeys(
        json.dumps(form(row), ensure_ascii=False) for case in cases for row in LAYOUTS[layout](case)
    )
    return "".join(f"{line}\n" for line in lines).encode(), len(lines)


# -- which rows a question gives: the prompt as messages, the rest as texts or a label -----------------------


def _preferences(case: Case) -> Iterator[Row]:
    """What is better beside each answer that was disliked; never an answer beside itself."""
    bad = [one for one in case.opinions if one.good is False]
    for chosen in case.opinions:
        for rejected in bad if chosen.best else ():
            if chosen.best != rejected.text:
                # The marks of the better one point to the passages of its own prompt.
                yield {"prompt": chosen.prompt, "chosen": chosen.best, "rejected": rejected.text}


def _completions(case: Case) -> Iterator[Row]:
    for one in case.opinions:
        if one.best:
            yield {"prompt": one.prompt, "completion": one.best}


def _labels(case: Case) -> Iterator[Row]:
    for one in case.opinions:
        if one.good is not None:
            yield {"prompt": one.prompt, "completion": one.text, "label": one.good}
        if one.better:
            yield {"prompt": one.prompt, "completion": one.better, "label": True}


LAYOUTS: Mapping[Layout, Callable[[Case], Iterator[Row]]] = {
    "dpo": _preferences,
    "sft": _completions,
    "kto": _labels,
}


# -- how a row is written ------------------------------------------------------------------------------------


def _conversational(row: Row) -> Row:
    """All texts as messages; a supervised row is one conversation."""
    made: Row = {name: value if isinstance(value, bool) else _messages(value) for name, value in row.items()}
    if made.keys() == {"prompt", "completion"}:
        return {"messages": made["prompt"] + made["completion"]}
    return made


def _messages(value: Prompt | str) -> list[dict[str, str]]:
    said = (("assistant", value),) if isinstance(value, str) else value
    return [{"role": role, "content": text} for role, text in said]


_SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}


def _standard(row: Row) -> Row:
    """The prompt as a text that ends where the assistant is to go on, which the others do after a blank."""
    return {
        name: _transcript(value) if name == "prompt" else value if isinstance(value, bool) else f" {value}"
        for name, value in row.items()
    }


def _transcript(prompt: Prompt) -> str:
    said = [f"{_SPEAKERS.get(role, role)}: {text}" for role, text in prompt]
    return "\n\n".join([*said, "Assistant:"])
