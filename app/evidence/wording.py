"""A claim that repeats one sentence, held to it word by word: what stands in the place of something else."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.evidence.names import alike, is_name, is_noun, outside
from app.evidence.opposites import opposed
from app.evidence.quantities import Quantity, quantities
from app.evidence.units import in_base_units
from app.evidence.values import instead_of, same
from app.evidence.words import Word, every_word, words
from app.schemas import Reason

# From this share of its words and values in the order of a sentence, a claim is taken from it; from the
# second, any other word changes what it says.
_REPEATED, _WORD_BY_WORD = 0.7, 0.8
_FEWEST = 3
# No sentence that people write is longer; time grows with its square.
_LONGEST = 400
_JOINT = re.compile(r"[,/&;·+]|\b(?:and|or)\b|(?:와|과|및|또는|혹은|하고|이나)(?:\s|$)")
_Operation = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Token:
    """A value, or a word outside of all values; `says` something, unlike `the` and `before`."""

    key: Hashable
    start: int
    value: Quantity | None = None
    word: Word | None = None
    says: bool = False

    @property
    def text(self) -> str:
        one = self.value or self.word
        return one.text if one else ""

    @property
    def tells(self) -> bool:
        """Whether it is a value or a name."""
        return self.word is None or (self.says and (is_name(self.word) or is_noun(self.word)))


_Read = tuple[str, Sequence[_Token]]
"""A sentence, and its tokens."""


def check_wording(claim: str, source: str) -> list[Reason]:
    """A reason for each value, name and telling word that stands where the source has another one.

    Nothing for a claim in words of its own. Unlike what the sources hold, this tells values and names that
    changed places, and words that stand in every text: `before` for `after`, `all` for `some`.
    """
    said, its = _tokens(claim), _tokens(source)
    if max(len(said), len(its)) > _LONGEST:
        return []
    matcher = SequenceMatcher(None, [one.key for one in said], [one.key for one in its], autojunk=False)
    operations = matcher.get_opcodes()
    follows = sum(j - i for name, i, j, _, _ in operations if name == "equal")
    if follows < max(_FEWEST, _REPEATED * len(said)):
        return []
    strict = follows >= _WORD_BY_WORD * len(said)
    found = [*_moved((claim, said), (source, its), operations)]
    for name, i, j, k, m in operations:
        if name == "replace":
            found += [*_values(said[i:j], its[k:m]), *_words(said[i:j], its[k:m], strict)]
    return found


def _tokens(text: str) -> list[_Token]:
    values = quantities(text)
    telling = {word.start for word in words(text)}
    found = [_Token(_key(one), one.start, value=one) for one in values]
    for word in outside(every_word(text), values):
        found.append(_Token(word.key, word.start, word=word, says=word.start in telling))
    return sorted(found, key=lambda token: token.start)


def _key(one: Quantity) -> Hashable:
    """The same for what may stand for each other, with a unit or without."""
    return one.value if isinstance(one.value, str) or one.kind == "date" else _number(one)


def _number(one: Quantity) -> Hashable:
    return in_base_units(one.value, one.unit)[0]  # type: ignore[arg-type]


def _moved(claim: _Read, source: _Read, operations: Sequence[_Operation]) -> Iterator[Reason]:
    """What the source has as well, elsewhere: `from 5 to 9`; but the items of a list may change places."""
    places = {source[1][n].key: n for name, _, _, k, m in operations if name == "insert" for n in range(k, m)}
    added = [n for name, i, j, _, _ in operations if name == "delete" for n in range(i, j)]
    for n in added:
        token = claim[1][n]
        place = places.get(token.key)
        if place is None or not token.tells or (_is_listed(claim, n) and _is_listed(source, place)):
            continue
        yield Reason(code=token.value.kind if token.value else "name", values={"said": token.text})


def _is_listed(read: _Read, n: int) -> bool:
    """Whether what joins the items of a list stands beside a token."""
    text, tokens = read
    first, last = tokens[max(0, n - 1)], tokens[min(len(tokens) - 1, n + 1)]
    return bool(_JOINT.search(text[first.start : last.start + len(last.text)]))


def _values(said: Sequence[_Token], instead: Sequence[_Token]) -> Iterator[Reason]:
    theirs = [one.value for one in instead if one.value]
    for one in (token.value for token in said if token.value):
        if theirs and not any(same(one, other) or same(other, one) for other in theirs):
            yield instead_of(one, theirs)


def _words(said: Sequence[_Token], instead: Sequence[_Token], strict: bool) -> Iterator[Reason]:
    theirs = [one.word for one in instead if one.word]
    telling = [one.word for one in instead if one.word and one.says]
    keys = {word.key for word in theirs}
    strict = strict and sum(one.says for one in said) == len(telling)  # more or fewer words: a paraphrase
    for token in said:
        word = token.word
        if word is None or word.key in keys:
            continue
        other = next((one for one in theirs if opposed(word.key, one.key)), None)
        if other is not None:
            yield Reason(code="word", values={"said": word.text, "source": other.text})
        elif token.says and telling and not alike(word, telling):
            name = _named(word, telling)
            if name or strict:
                values = {"said": word.text, "source": " ".join(one.text for one in telling)}
                yield Reason(code="name" if name else "word", values=values)


def _named(word: Word, instead: Sequence[Word]) -> bool:
    return (is_name(word) and any(map(is_name, instead))) or (is_noun(word) and all(map(is_noun, instead)))
