"""What every keyword index counts: the tokens of a passage, of what surrounds it, and its pairs of words.

A score is the sum of three BM25 scores (k1 1.2, b .75) by `SHARES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice

from vectorstore.tokens import pairs, tokenize, tokenize_many

TEXT, AROUND, PAIRS = "text", "around", "pairs"
# What a term counts where it stands. A passage is a cut of its document, made for the embedding model, and
# names rarely all that it is about: with its neighbours it does. Two words that stand together mean more.
SHARES = {TEXT: 0.3, AROUND: 0.7, PAIRS: 0.2}
VERSION = 2
"""Of the tokens: an index that was made of others must be rebuilt, not searched."""
MAX_QUERY_CHARACTERS = 20_000
MAX_QUERY_TERMS = 256


def fields_of(
    texts: Sequence[str], beside: Sequence[Sequence[str]] | None = None
) -> Iterator[dict[str, Sequence[str]]]:
    """For each text the tokens of each field.

    Args:
        beside: for each text those that stand before and after it in its document.
    """
    neighbours = beside or [()] * len(texts)
    different = list(dict.fromkeys(chain(texts, *neighbours)))
    tokens = dict(zip(different, tokenize_many(different), strict=True))
    for text, near in zip(texts, neighbours, strict=True):
        around = list(chain(*(tokens[one] for one in (text, *near))))
        yield {TEXT: tokens[text], AROUND: around, PAIRS: list(pairs(tokens[text]))}


def query_terms(text: str) -> Mapping[str, int]:
    """The tokens of a question's first 20,000 characters, with how often it has each."""
    return Counter(_query_tokens(text))


def query_pairs(text: str) -> Mapping[str, int]:
    """Its pairs of words, of which the first 256 are looked for."""
    return Counter(islice(pairs(_query_tokens(text)), MAX_QUERY_TERMS))


def matched(text: str, chunk_text: str) -> tuple[str, ...]:
    """The terms of the question `text` that `chunk_text` contains, in the question's order."""
    present = set(tokenize(chunk_text))
    return tuple(term for term in query_terms(text) if term in present)


@lru_cache(maxsize=32)  # one question is searched, weighed and matched against its hits
def _query_tokens(text: str) -> Sequence[str]:
    return tokenize(text[:MAX_QUERY_CHARACTERS])
