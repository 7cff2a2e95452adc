"""Prompts as files with named variables: found by name, checked when they are read and when they are filled.

A prompt is a Markdown file with front matter, `---`, the system text, `---`, the user's text. What
people choose (roles, styles, examples, tasks) is in `prompts.library`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import ConfigurationError
from app.language import Language, detect_language
from app.schemas import Notice, Reason
from prompts import variables

FOLDER = Path(__file__).parent


class Prompt(BaseModel):
    """Two texts with named variables such as `{question}`.

    Attributes:
        name: of its file, without the suffix.
        variables: exactly those that the texts use.
        system: what the model is told to be and to do; may be empty.
        human: what the user says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    variables: tuple[str, ...] = ()
    system: str
    human: str = ""

    def check(self, given: Mapping[str, object]) -> None:
        """Raise ConfigurationError unless exactly the variables of this prompt are given."""
        wrong = {
            "Missing variables": sorted(set(self.variables) - set(given)),
            "Unknown variables": sorted(set(given) - set(self.variables)),
        }
        said = [f"{what}: {', '.join(names)}" for what, names in wrong.items() if names]
        if said:
            raise ConfigurationError(f"Prompt {self.name!r}: {'; '.join(said)}.")

    def fill(self, **values: str) -> tuple[str, str]:
        """The system text and the user's text. What stands in a value is never taken as a variable."""
        self.check(values)
        return variables.fill(self.system, values), variables.fill(self.human, values)


def names() -> tuple[str, ...]:
    """The prompts, by name."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.md")))


@cache
def load(name: str) -> Prompt:
    """The prompt with this name, such as "answer".

    Raises:
        ConfigurationError: there is none, or its file is not a prompt; the message says why.
    """
    if name not in names():
        raise ConfigurationError(f"There is no prompt {name!r}. Known ones are: {', '.join(names())}.")
    return parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"), name)


@cache
def digest(name: str) -> str:
    """16 hex digits that change when the prompt does; raises what `load` raises."""
    said = load(name).model_dump_json(exclude={"description"})
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def parse(text: str, name: str) -> Prompt:
    """Read a prompt from the text of its file; see `load`."""
    parts = text.split("---\n", 3)
    if len(parts) < 3 or parts[0].strip():
        raise ConfigurationError(f"Prompt {name!r} has no front matter between two lines '---'.")
    try:
        front = yaml.safe_load(parts[1]) or {}
        texts = dict(zip(("system", "human"), (part.strip() for part in parts[2:]), strict=False))
        prompt = Prompt.model_validate({"name": name, **front, **texts})
        used = variables.names(prompt.system) | variables.names(prompt.human)
    except (yaml.YAMLError, ValidationError, TypeError, ValueError) as error:
        raise ConfigurationError(f"Prompt {name!r} cannot be read: {error}") from None
    if used != set(prompt.variables):
        odd = ", ".join(sorted(used ^ set(prompt.variables)))
        raise ConfigurationError(f"Prompt {name!r}: its texts and its list of variables differ in: {odd}.")
    return prompt


def refusal_text(language: Language) -> str:
    """What is said when the documents do not answer a question."""
    return str(_texts("refusal")[language])


def notice_text(notice: Notice, question: str) -> str:
    """What a notice means, in the language of the question; an unknown code is shown as it is."""
    texts = _texts("notices").get(notice.code)
    if texts is None:
        return notice.code
    return str(texts[detect_language(question)]).format_map(defaultdict(lambda: "…", notice.values))


def reason_text(reason: Reason, language: Language) -> str:
    """Why a sentence of an answer is not, or only partly, supported."""
    texts = _texts("reasons")
    instead = f"{reason.code}_instead"
    text = texts.get(instead if "source" in reason.values and instead in texts else reason.code)
    return reason.code if text is None else str(text[language]).format_map(defaultdict(str, reason.values))


def free_notice(language: Language) -> str:
    """What stands on each answer of free chat."""
    return str(_texts("free")["notice"][language])


def left_out_text(language: Language) -> str:
    """What a question on documents sees in place of an answer of free chat."""
    return str(_texts("free")["left_out"][language])


def summary_texts(language: Language) -> dict[str, str]:
    """What a summary of earlier turns is made of, by name: `frame`, `reply`, `answered`, `open`, `said`."""
    return {name: str(text[language]) for name, text in _texts("summary").items()}


def calibration_texts(language: Language) -> dict[str, list[str]]:
    """`frames` and `foreign` questions that a threshold is measured with."""
    return dict(_texts("calibration")[language])


def suggestion_frames(language: Language) -> list[dict[str, str]]:
    """How a topic becomes a question: `ask`, with {topic}, and perhaps a pattern that the topic `fits`."""
    return list(_texts("suggestions")[language])


@cache
def _texts(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))
