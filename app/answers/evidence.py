"""Which passages an object stands on: each of its values is looked for in the words of the passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from app.chat.context import Passage
from app.chat.marks import Marks
from app.chat.verify import verify
from app.schemas import Citation
from vectorstore.tokens import tokenize_many

# A value is in a passage when the passage holds this share of its tokens.
_ENOUGH = 0.6


def evidence(value: BaseModel, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """A citation for every passage that is the best one for some value, in order of the values."""
    leaves = list(_leaves(value.model_dump(mode="json")))
    if not leaves or not passages:
        return ()
    tokens = [set(words) for words in tokenize_many([*leaves, *(passage.text for passage in passages)])]
    values, sources = tokens[: len(leaves)], tokens[len(leaves) :]
    lines = [
        f"{leaf} [{passages[best].n}]"
        for leaf, words in zip(leaves, values, strict=True)
        if (best := _best(words, sources)) is not None
    ]
    marks = Marks([passage.n for passage in passages])
    text = marks.feed("\n\n".join(lines)) + marks.end()
    return verify(text, marks.shown, passages).citations


def _best(words: set[str], sources: Sequence[set[str]]) -> int | None:
    """The passage that holds most of these tokens; None when none holds enough."""
    shares = [len(words & source) / len(words) if words else 0.0 for source in sources]
    best = max(range(len(shares)), key=lambda i: (shares[i], -i))
    return best if shares[best] >= _ENOUGH else None


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str) and value.strip():
        yield " ".join(value.replace("[", "(").replace("]", ")").split())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def as_text(value: object, indent: str = "") -> str:
    """An object for reading: one line a value, nested lists and objects indented."""
    if isinstance(value, dict):
        return "\n".join(_line(f"{indent}- **{name}**:", inner, indent) for name, inner in value.items())
    if isinstance(value, list):
        return "\n".join(_line(f"{indent}-", inner, indent) for inner in value)
    return f"{indent}{_plain(value)}"


def _line(label: str, value: object, indent: str) -> str:
    if isinstance(value, dict | list) and value:
        return f"{label}\n{as_text(value, indent + '  ')}"
    return f"{label} {_plain(value)}"


def _plain(value: object) -> str:
    return "–" if value is None or value in ([], {}) else str(value)
