"""A question and a schema → a validated object with its evidence, or an error that names field and cause."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.answers.by_rules import by_rules
from app.answers.cited import cited, quoted
from app.answers.evidence import as_text, ground
from app.answers.generation import Asker, Object, has_lists, whole
from app.answers.generation.prompt import prompt_for
from app.answers.schemas import CitedAnswer, Field, Schema
from app.chat.context import Passage, passages, suspicious
from app.chat.interrupt import interruptible
from app.chat.pipeline import Pipeline, last_answer
from app.chat.question import without_filters
from app.chat.record import Recorder
from app.chat.refusal import refusal
from app.chat.reply import Reply
from app.chat.unanswered import explained
from app.errors import UsageError
from app.schemas import (
    Answer,
    Citation,
    Condensed,
    Done,
    Event,
    Hit,
    Mode,
    Notice,
    Partial,
    Prepared,
    Question,
    Refusal,
    Retrieved,
    Seconds,
    Told,
)
from prompts import digest

if TYPE_CHECKING:
    from app.llm import ChatModel

# So many passages are looked at where a list of things is asked for, unless the question says how many.
_LIST_TOP_K = 20
# All that were found: they are read by parts.
_NO_BUDGET = 10**9


def typed_answer(pipeline: Pipeline, question: Question, schema: Schema) -> Answer:
    """An answer whose `typed` is an object of the schema, with null for each value that nothing supports.

    Raises:
        UsageError: the question is empty or too long, or meant for free chat.
        ConfigurationError: every field of the schema needs a language model, and none is set.
        TypedAnswerError: no valid object came out; the message names schema, field and cause.
        ModelError: the model did not answer.
    """
    return last_answer(typed_stream(pipeline, question, schema))


def typed_stream(
    pipeline: Pipeline, question: Question, schema: Schema, cancelled: threading.Event | None = None
) -> Iterator[Event]:
    """The same as events: Condensed, Retrieved, Prepared, Partial objects with Told between, Done.

    Once `cancelled` is set, the connection to the model is closed and the stream ends: a half object is none.
    """
    if question.mode is Mode.FREE:
        raise UsageError(
            f"A typed answer ({schema.name}) stands on documents and cannot be had in free chat. Leave out "
            "the schema, or ask the documents."
        )
    question = question.model_copy(update={"form": schema.reference})
    if pipeline.model is None:
        return iter([Done(answer=_without_model(pipeline, question, schema))])
    run = _Extraction(pipeline, pipeline.model, question, schema, cancelled)
    return interruptible(run.events, cancelled)


def _without_model(pipeline: Pipeline, question: Question, schema: Schema) -> Answer:
    if schema.model is CitedAnswer:
        return quoted(pipeline, question)
    return by_rules(pipeline, question, schema)


class _Extraction:
    """One object on its way."""

    def __init__(
        self,
        pipeline: Pipeline,
        model: ChatModel,
        question: Question,
        schema: Schema,
        cancelled: threading.Event | None,
    ) -> None:
        settings = pipeline.settings
        if question.top_k is None and _asks_for_many(schema):
            question = question.model_copy(update={"top_k": max(settings.top_k, _LIST_TOP_K)})
        keep = question.keep_unsupported
        self._keep = settings.typed_unsupported == "keep" if keep is None else keep
        self._pipeline, self._question, self._schema = pipeline, question, schema
        sampling = pipeline.sampling(question)
        self._reply = Reply(sampling=sampling)
        self._record = Recorder(question, settings, sampling, model, pipeline.basis)
        self._record.formed({f"schemas/{schema.reference}": schema.hash[:16]})
        self._notices: list[Notice] = []
        self._told = 0
        self._asker = Asker(
            model,
            schema,
            settings.typed_repairs,
            sampling,
            tell=self._tell,
            listen=self._reply.add,
            cancelled=cancelled,
        )

    def events(self) -> Iterator[Event]:
        self._standalone, self._hits, self._passages = self._found()
        yield Condensed(standalone=self._standalone)
        yield Retrieved(hits=self._hits, seconds=self._record.timeline.search)
        if not self._passages:
            yield Done(answer=self._refused(refusal(self._question.text), "off_topic"))
            return
        if sources := suspicious(self._passages):
            self._tell(Notice(code="suspicious_passage", values={"sources": ", ".join(sources)}))
        yield Prepared(trace=self._record.prepared())
        made = yield from self._partials()
        yield from self._fresh_notices()
        answer = self._refused(made.declined, "not_found") if made.data is None else self._answer(made.data)
        yield from self._fresh_notices()
        yield Done(answer=answer)

    def _found(self) -> tuple[str, tuple[Hit, ...], tuple[Passage, ...]]:
        """As `Pipeline.retrieve`; for lists, what one prompt does not hold is read as well."""
        pipeline = self._pipeline
        standalone, hits, found = pipeline.retrieve(self._question, self._record)
        if found and has_lists(self._schema.fields):
            neighbours = None if pipeline.task(self._question) else pipeline.neighbours
            found = passages(hits, neighbours, _NO_BUDGET)
            self._record.numbered(found)
        return standalone, hits, found

    def _partials(self) -> Generator[Event, None, Object]:
        ask = prompt_for(self._schema, self._standalone)
        fields = self._schema.fields
        partials = whole(
            self._asker,
            self._passages,
            ask,
            check=lambda data, part: ground(data, fields, part).data,
        )
        while True:
            try:
                data = next(partials)
            except StopIteration as end:
                made: Object = end.value
                return made
            self._record.spoke()
            yield from self._fresh_notices()
            yield Partial(data=data)

    def _tell(self, notice: Notice) -> None:
        if notice not in self._notices:
            self._notices.append(notice)

    def _fresh_notices(self) -> Iterator[Event]:
        fresh, self._told = self._notices[self._told :], len(self._notices)
        yield from (Told(notice=notice) for notice in fresh)

    # -- the answer --------------------------------------------------------------------------------

    def _answer(self, data: dict[str, Any]) -> Answer:
        if self._schema.model is CitedAnswer:
            held = cited(data, self._passages, self._question.text)
            if held.removed:
                self._tell(Notice(code="marks_removed", values={"count": str(held.removed)}))
            return self._made(held.text, held.fields, held.shown)
        held_against = ground(data, self._schema.fields, self._passages, keep=self._keep)
        evidence, citations = held_against.evidence, held_against.citations
        marks = {one.path: one.citation.n for one in evidence if one.citation}
        checked = {"citations": citations, "evidence": evidence, "typed": held_against.data}
        return self._made(as_text(held_against.data, marks), checked, self._shown(citations))

    def _refused(self, words: str, reason: str) -> Answer:
        return self._made(words, {"citations": (), "refusal": self._why(reason), "refused": True}, {})

    def _why(self, reason: str) -> Refusal:
        where = without_filters(self._question, self._pipeline.fields)[1]
        return explained(reason, self._standalone, self._hits, self._pipeline.grounds, where)

    def _shown(self, citations: Sequence[Citation]) -> dict[int, int]:
        """Number of a passage -> the first number that it is cited by."""
        passage = {chunk.id: one.n for one in reversed(self._passages) for chunk in one.chunks}
        return {passage[one.chunk_id]: one.n for one in reversed(citations) if one.chunk_id in passage}

    def _made(self, text: str, checked: dict[str, Any], shown: dict[int, int]) -> Answer:
        self._record.spoke()
        asker, reply = self._asker, self._reply
        reply.tokens = asker.spent
        reply.prompt = tuple(said for prompt in asker.prompts for said in prompt)
        repaired = {"repair": digest("repair")} if asker.repaired else {}
        self._record.formed(repaired, held_by=asker.form, repairs=asker.repaired, parts=len(asker.prompts))
        trace = self._record.finished(reply, shown)
        return Answer(
            question=self._question.text,
            standalone=self._standalone,
            answer=text,
            form=self._question.form,
            model=reply.model,
            temperature=reply.sampling.temperature,
            seed=reply.sampling.seed,
            fingerprint=reply.fingerprint,
            tokens=reply.tokens,
            seconds=Seconds.of(self._record.timeline),
            notices=tuple(self._notices),
            trace=trace,
            **{"refused": False, **checked},
        )


def _asks_for_many(schema: Schema) -> bool:
    """Whether it is about many things of one kind, which stand in many places."""
    return schema.many or any(map(_has_records, schema.fields))


def _has_records(field: Field) -> bool:
    return field.kind == "object" and (field.many or any(map(_has_records, field.fields)))
