"""What engines with keywords of their own are given in a token's place: 32 bits of its digest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

from vectorstore.keywords.fields import AROUND, MAX_QUERY_TERMS, PAIRS, SHARES, TEXT, query_pairs, query_terms

K1, B = 1.2, 0.75
_LARGEST = 2**32 - 2  # Milvus keeps the one above for itself


@lru_cache(maxsize=100_000)
def number(field: str, term: str) -> int:
    """For a term in a field, the same everywhere and always; of a million terms, a hundred share theirs."""
    said = f"{field} {term}".encode("utf-8", "surrogatepass")
    digest = blake2b(said, digest_size=4).digest()
    return min(int.from_bytes(digest, "big"), _LARGEST)


def asked(text: str) -> Mapping[int, float]:
    """The numbers that a question is looked for by, each with how often it has it times the field's share."""
    terms = dict(islice(query_terms(text).items(), MAX_QUERY_TERMS))
    weights: dict[int, float] = {}
    for field, counts in {TEXT: terms, AROUND: terms, PAIRS: query_pairs(text)}.items():
        for term, count in counts.items():
            one = number(field, term)
            weights[one] = weights.get(one, 0.0) + count * SHARES[field]
    return weights
