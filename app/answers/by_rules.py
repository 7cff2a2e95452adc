"""A typed answer without a language model: simple fields by rules, from the document that answers best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.answers.evidence import as_text
from app.answers.filling import Filled
from app.answers.rules import RuleFiller, fillable
from app.answers.schemas import Schema
from app.answers.schemas.schema import RECORDS
from app.chat.pipeline import Pipeline
from app.chat.question import without_filters
from app.chat.record import Recorder
from app.chat.refusal import refusal
from app.chat.reply import Reply
from app.chat.unanswered import explained
from app.config import env_file
from app.errors import ConfigurationError
from app.schemas import Answer, Chunk, Citation, FieldEvidence, Hit, Notice, Question, Seconds

# So much of a document is read, before and behind the best passage.
_REACH = 300


def by_rules(pipeline: Pipeline, question: Question, schema: Schema) -> Answer:
    """The object of the document that the best passage is of.

    Raises:
        ConfigurationError: no field of the schema can be filled without a language model.
    """
    if not any(fillable(schema.record or schema).values()):
        raise ConfigurationError(
            f"The schema {schema.name!r} needs a language model, and none is set. Set DOCENT_LLM_MODEL, for "
            f"example to 'openai:gpt-4o-mini' with OPENAI_API_KEY or to 'ollama:qwen3', in {env_file()}.",
            schema=schema.name,
        )
    record = Recorder(question, pipeline.settings, pipeline.sampling(question), None, pipeline.basis)
    record.formed({f"schemas/{schema.reference}": schema.hash[:16]}, held_by="rules")
    standalone, hits, passages = pipeline.retrieve(question, record)
    filled = _best(schema, pipeline, hits) if passages else None
    if filled is None:
        where = without_filters(question, pipeline.fields)[1]
        why = explained("not_found" if passages else "off_topic", standalone, hits, pipeline.grounds, where)
        said = {"answer": refusal(question.text), "refused": True, "refusal": why, "citations": ()}
        return _answer(question, standalone, record, said)
    evidence, citations = _numbered(filled.evidence)
    marks = {one.path: one.citation.n for one in evidence if one.citation}
    made = {
        "answer": as_text(filled.data, marks),
        "refused": False,
        "citations": citations,
        "evidence": evidence,
        "typed": filled.data,
        "notices": (Notice(code="no_model", values={"env_file": str(env_file())}),),
    }
    return _answer(question, standalone, record, made)


def _best(schema: Schema, pipeline: Pipeline, hits: Sequence[Hit]) -> Filled | None:
    """The first object of the document that has a value at all, or all its records."""
    best = hits[0].chunk
    chunks: list[Chunk] = [best]
    if pipeline.neighbours is not None:
        chunks = pipeline.neighbours(best, _REACH, _REACH)
    found = RuleFiller(schema.record or schema).fill(chunks)
    filled = [one for one in found if any(proof.citation for proof in one.evidence)]
    if schema.record is not None and filled:
        return _listed(filled)
    return next(iter(filled), None)


def _listed(records: Sequence[Filled]) -> Filled:
    """All records as one object."""
    evidence = (
        proof.model_copy(update={"path": f"{RECORDS}.{i}.{proof.path}"})
        for i, one in enumerate(records)
        for proof in one.evidence
    )
    return Filled({RECORDS: [one.data for one in records]}, tuple(evidence))


def _numbered(evidence: Sequence[FieldEvidence]) -> tuple[tuple[FieldEvidence, ...], tuple[Citation, ...]]:
    """With the places numbered in their order, each once."""
    numbers: dict[tuple[str, str], Citation] = {}
    made: list[FieldEvidence] = []
    for one in evidence:
        if one.citation is not None:
            key = one.citation.chunk_id, one.citation.quote
            place = numbers.setdefault(key, one.citation.model_copy(update={"n": len(numbers) + 1}))
            one = one.model_copy(update={"citation": place})
        made.append(one)
    return tuple(made), tuple(numbers.values())


def _answer(question: Question, standalone: str, record: Recorder, made: dict[str, Any]) -> Answer:
    record.spoke()
    reply = Reply()
    trace = record.finished(reply)
    return Answer(
        question=question.text,
        standalone=standalone,
        form=question.form,
        model=None,
        temperature=None,
        seed=None,
        fingerprint=None,
        tokens=reply.tokens,
        seconds=Seconds.of(record.timeline),
        trace=trace,
        **made,
    )
