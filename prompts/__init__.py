"""Prompts as files with named variables: found by name, checked when they are read and when they are filled.

A prompt is a Markdown file with front matter, `---`, the system text, `---`, the user's text. The folders
`roles`, `styles` and `examples` hold the parts that the prompt `answer` is put together from.
"""

from __future__ import annotations

import hashlib
import string
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

FOLDER = Path(__file__).parent
FOLDERS = ("", "roles", "styles", "examples")


class Prompt(BaseModel):
    """Two texts with named variables such as `{question}`.

    Attributes:
        name: the file's path below the folder of prompts, without its suffix.
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
        return _squeeze(self.system.format_map(values)), _squeeze(self.human.format_map(values))


def names(folder: str = "") -> tuple[str, ...]:
    """The prompts in `folder` ("", "roles", "styles" or "examples"), by name."""
    return tuple(sorted(path.stem for path in (FOLDER / folder).glob("*.md")))


@cache
def load(name: str) -> Prompt:
    """The prompt with this name, such as "answer" or "roles/auditor".

    Raises:
        ConfigurationError: there is none, or its file is not a prompt; the message says why.
    """
    folder, _, stem = name.rpartition("/")
    if folder not in FOLDERS or stem not in names(folder):
        known = ", ".join(names(folder if folder in FOLDERS else ""))
        raise ConfigurationError(f"There is no prompt {name!r}. Known ones are: {known}.")
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
        used = _variables(prompt.system) | _variables(prompt.human)
    except (yaml.YAMLError, ValidationError, TypeError, ValueError) as error:
        raise ConfigurationError(f"Prompt {name!r} cannot be read: {error}") from None
    if used != set(prompt.variables):
        odd = ", ".join(sorted(used ^ set(prompt.variables)))
        raise ConfigurationError(f"Prompt {name!r}: its texts and its list of variables differ in: {odd}.")
    return prompt


def answer_parts(
    language: Language, role: str = "default", style: str = "plain", examples: str = "none"
) -> dict[str, str]:
    """Values for the variables role, style, examples and refusal of the prompt `answer`, by name of file."""
    refusal = refusal_text(language)
    chosen = {"role": f"roles/{role}", "style": f"styles/{style}", "examples": f"examples/{examples}"}
    parts = {variable: _fill_part(load(name), refusal) for variable, name in chosen.items()}
    return parts | {"refusal": refusal}


def _fill_part(prompt: Prompt, refusal: str) -> str:
    """Parts know no variable but the refusal."""
    return prompt.fill(**{name: refusal for name in prompt.variables if name == "refusal"})[0]


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


def calibration_texts(language: Language) -> dict[str, list[str]]:
    """`frames` and `foreign` questions that a threshold is measured with."""
    return dict(_texts("calibration")[language])


def suggestion_frames(language: Language) -> list[dict[str, str]]:
    """How a topic becomes a question: `ask`, with {topic}, and perhaps a pattern that the topic `fits`."""
    return list(_texts("suggestions")[language])


@cache
def _texts(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))


def _variables(text: str) -> set[str]:
    """The names in `{…}`; ValueError for anything but plain names, which could reach into objects."""
    found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    odd = sorted(name for name in found if not name.isidentifier())
    if odd:
        raise ValueError(f"'{{{odd[0]}}}' is no variable; write {{{{ and }}}} for plain braces")
    return found


def _squeeze(text: str) -> str:
    """Without the empty lines that empty variables leave behind."""
    lines = text.strip().split("\n")
    return "\n".join(line for n, line in enumerate(lines) if line.strip() or lines[n - 1].strip())
