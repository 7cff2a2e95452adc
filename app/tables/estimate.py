"""What filling a table will take, before it is begun: documents, tokens, dollars and seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from app.chat.tokens import count_tokens
from app.schemas import Tokens
from app.tables.work import chunks_of

if TYPE_CHECKING:
    from app.answers.schemas.fields import Field
    from app.config import Settings
    from app.tables.engine import Source
    from app.tables.model import Plan
    from app.tables.shelf import Tables
    from app.tables.work import Work
    from ingest.collection import Collection

Basis = Literal["measured", "sample", "assumed"]

# Documents whose tokens are counted; the rest is taken to be like them.
_COUNTED = 24
# Documents that rules are tried on, and for how long at most.
_SAMPLED, _SAMPLE_SECONDS = 6, 2.0
# Of a model that was never timed: tokens a second that it reads, and that it writes.
_READS, _WRITES = 1500.0, 40.0
# What a request says beside the document and the schema.
_PROMPT_TOKENS = 400
# What a value and its name take in an answer, and how many entries a list is taken to have.
_VALUE_TOKENS, _ENTRIES = 12, 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run has before it.

    Attributes:
        documents: that would be asked.
        unchanged: that need not be.
        removed: that are gone.
        tokens: of all prompts and answers, about; none without a model.
        dollars: for these; None where the price is not known.
        seconds: for all documents; None where there are none.
        basis: what the seconds come from: runs of before, a small sample, or the usual speed of a model.
    """

    documents: int
    unchanged: int
    removed: int
    tokens: Tokens
    dollars: float | None
    seconds: float | None
    basis: Basis


def estimate(
    tables: Tables,
    plan: Plan,
    collection: Collection,
    work: Work,
    source: Source,
    settings: Settings,
    model: str | None,
) -> Estimate:
    """Look ahead. No model is asked; rules are tried on a few documents.

    Args:
        model: "provider:model"; None where rules fill the table, which costs nothing.
    """
    from app.llm.prices import cost

    tokens = _tokens(plan, collection, work) if model else Tokens()
    seconds, basis = _seconds(tables, collection, work, source, tokens, model)
    return Estimate(
        documents=len(work.todo),
        unchanged=work.unchanged,
        removed=len(work.removed),
        tokens=tokens,
        dollars=cost(model, tokens, settings),
        seconds=seconds,
        basis=basis,
    )


def _tokens(plan: Plan, collection: Collection, work: Work) -> Tokens:
    """Those of a sample, laid out over the characters of all."""
    sample = list(_spread(work, collection, _COUNTED))
    if not sample:
        return Tokens()
    counted = sum(count_tokens(text) for text, _ in sample)
    share = counted / max(1, sum(characters for _, characters in sample))
    overhead = _PROMPT_TOKENS + count_tokens(json.dumps(plan.json_schema, ensure_ascii=False))
    prompt = round(share * sum(one.characters for one in work.todo)) + overhead * len(work.todo)
    answers = (_ENTRIES if plan.many else 1) * _values(plan.fields) * _VALUE_TOKENS * len(work.todo)
    return Tokens(prompt=prompt, completion=answers, total=prompt + answers)


def _spread(work: Work, collection: Collection, count: int) -> Iterable[tuple[str, int]]:
    """Texts of documents all over the collection, and how many characters each has."""
    step = max(1, len(work.todo) // count)
    chosen = work.todo[::step][:count]
    held = collection.document_chunks([one.id for one in chosen])
    return [("\n\n".join(chunk.text for chunk in held.get(one.id, ())), one.characters) for one in chosen]


def _values(fields: Sequence[Field]) -> int:
    """How many values an object is likely to have."""
    return sum((_ENTRIES if one.many else 1) * max(1, _values(one.fields)) for one in fields)


def _seconds(
    tables: Tables, collection: Collection, work: Work, source: Source, tokens: Tokens, model: str | None
) -> tuple[float | None, Basis]:
    if not work.todo:
        return None, "measured"
    at_once = min(source.parallel, len(work.todo))
    if known := _measured(tables, source.label):
        return known * len(work.todo) / at_once, "measured"
    if model is None:
        return _sampled(collection, work, source) * len(work.todo), "sample"
    return (tokens.prompt / _READS + tokens.completion / _WRITES) / at_once, "assumed"


def _measured(tables: Tables, label: str) -> float | None:
    """Seconds that a document took in tables that were filled by the same."""
    known = [table.mean_seconds() for table in tables.each() if table.notes().get("filler") == label]
    found = [seconds for seconds in known if seconds]
    return sum(found) / len(found) if found else None


def _sampled(collection: Collection, work: Work, source: Source) -> float:
    begun, count = time.monotonic(), 0
    for _, chunks in islice(chunks_of(collection, work), _SAMPLED):
        if chunks:
            source.filler.fill(chunks)
        count += 1
        if time.monotonic() - begun > _SAMPLE_SECONDS:
            break
    return (time.monotonic() - begun) / max(1, count)
