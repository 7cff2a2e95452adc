"""Keywords in Milvus: its own BM25, over a text of digests of the tokens.

The three fields of a passage are one text, whose tokens say which field they are of. A question has each
token as often as its field's share says, so Milvus's score is the sum of all three; what the fields share is
the length that BM25 divides by. A second text has each term of the passage once: there BM25 is told to leave
lengths alone, so that a term's score is nothing but its weight.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from vectorstore.base import Filter, Metadata, Place, Scored
from vectorstore.checks import damaged
from vectorstore.engine import EngineIndex
from vectorstore.keywords.fields import AROUND, MAX_QUERY_TERMS, PAIRS, TEXT, VERSION, fields_of, query_terms
from vectorstore.keywords.numbers import K1, B, asked, number
from vectorstore.milvus.collection import Collection, index_params, row
from vectorstore.milvus.database import Database
from vectorstore.tags import tags

FOLDER = "keyword-milvus"
OLDEST = (2, 5)
"""The first version with BM25."""
_SCORED, _WEIGHED = "tokens", "terms"
_LONGEST_TEXT = 65_535
# Letters and digits, which every analyzer leaves in one piece.
_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
# A question repeats a token to weigh it: a share of .1 is one time, unless there would be more than so many.
_UNIT, _MOST_REPEATED = 0.1, 4000


class MilvusKeywords(EngineIndex):
    """A `KeywordIndex` in one collection of Milvus.

    Args:
        place: the collection is its name and "_keywords"; without DOCENT_MILVUS_URI, a folder in its own.
        read_only: begins nothing.

    Raises:
        BackendError: the server cannot be reached or refuses; see `vectorstore.remote`.
        CollectionBusyError, CollectionDamagedError, StorageError: see `open_keywords`.
    """

    engine = Database
    folder = FOLDER
    suffix = "_keywords"
    _held: Collection

    def __init__(self, place: Place, read_only: bool = False) -> None:
        self._held = Collection(place, FOLDER, self.name(place), _define, read_only=read_only, oldest=OLDEST)
        if _vector(_SCORED) not in self._held.described():
            self.close()
            raise damaged(place.folder / FOLDER, "it is of another version")

    def upsert(
        self,
        ids: Sequence[str],
        texts: Sequence[str],
        metadata: Sequence[Metadata],
        beside: Sequence[Sequence[str]] | None = None,
    ) -> None:
        given = zip(ids, fields_of(texts, beside), metadata, strict=True)
        self._held.upsert(
            (row(id, self._held.tags(tags(values)), **_texts(fields)) for id, fields, values in given),
            lambda each: len(each[_SCORED]) + len(each[_WEIGHED]) + 30 * len(each["tags"]),
        )

    def search(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        weights = asked(text)
        if not weights:
            return []
        unit = max(_UNIT, sum(weights.values()) / _MOST_REPEATED)
        repeated = chain.from_iterable(
            [_word(one)] * max(1, round(weight / unit)) for one, weight in weights.items()
        )
        (found,) = self._held.search([" ".join(repeated)], _vector(_SCORED), k, where)
        hits = [Scored(hit.id, abs(hit.score) * unit) for hit in found]  # milvus-lite turns the sign
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def weights(self, text: str) -> dict[str, float]:
        counts = query_terms(text)
        if not counts:
            return {}
        known = self._known(list(counts))
        unknown = math.log1p(2 * self.count() + 1)
        return {term: count * known.get(term, unknown) for term, count in counts.items()}

    def _known(self, terms: Sequence[str]) -> dict[str, float]:
        """The inverse document frequency of each that there is, as Milvus counts it."""
        known: dict[str, float] = {}
        for start in range(0, len(terms), MAX_QUERY_TERMS):
            part = terms[start : start + MAX_QUERY_TERMS]
            hits = self._held.search([_word(number(TEXT, term)) for term in part], _vector(_WEIGHED), 1)
            known |= {term: abs(best[0].score) for term, best in zip(part, hits, strict=True) if best}
        return known


def _vector(text: str) -> str:
    return f"{text}_{VERSION}"


def _define(schema: Any, indexes: Any, embedded: bool) -> None:
    from pymilvus import DataType, Function, FunctionType

    for text, b in ((_SCORED, B), (_WEIGHED, 0.0)):
        schema.add_field(
            text,
            DataType.VARCHAR,
            max_length=_LONGEST_TEXT,
            enable_analyzer=True,
            analyzer_params={"tokenizer": "standard"},
        )
        schema.add_field(_vector(text), DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            Function(
                name=f"bm25_{text}",
                function_type=FunctionType.BM25,
                input_field_names=[text],
                output_field_names=[_vector(text)],
            )
        )
        indexes.add_index(
            _vector(text),
            index_type="SPARSE_INVERTED_INDEX",
            metric_type="BM25",
            **index_params(bm25_k1=K1, bm25_b=b),
        )


def _texts(fields: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What stands around a passage comes last: it is what a passage of more than 8,000 tokens loses."""
    tokens = ((field, term) for field in (TEXT, PAIRS, AROUND) for term in fields[field])
    return {
        _SCORED: _joined(tokens),
        _WEIGHED: _joined((TEXT, term) for term in dict.fromkeys(fields[TEXT])),
    }


def _joined(tokens: Iterable[tuple[str, str]]) -> str:
    text = " ".join(_word(number(field, term)) for field, term in tokens)
    return text if len(text) <= _LONGEST_TEXT else text[: text.rindex(" ", 0, _LONGEST_TEXT + 1)]


def _word(number: int) -> str:
    signs = ""
    for _ in range(7):
        number, digit = divmod(number, len(_SIGNS))
        signs += _SIGNS[digit]
    return signs
