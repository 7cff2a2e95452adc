"""A question and a schema → a validated object with its evidence, or an error that names field and cause."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from app.answers.evidence import as_text, evidence
from app.answers.parsing import Problem, content, declined, parse
from app.answers.schemas import CitedAnswer, Schema
from app.chat.context import Passage, passages_text, suspicious
from app.chat.marks import Marks
from app.chat.pipeline import Pipeline
from app.chat.question import without_filters
from app.chat.record import Recorder
from app.chat.refusal import refusal
from app.chat.reply import Reply
from app.chat.unanswered import explained
from app.chat.verify import verify
from app.config import env_file
from app.errors import ConfigurationError, ModelError, TypedAnswerError, UsageError
from app.schemas import Answer, Hit, Mode, Notice, Question, Refusal, Seconds, Tokens
from prompts import load

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

    from app.llm.model import ChatModel, Method

# From the strictest way to hold a model to a schema to what nearly every server knows.
_METHODS: tuple[Method, ...] = ("json_schema", "json_mode")
_REPAIRS = 1


def typed_answer(pipeline: Pipeline, question: Question, schema: Schema) -> Answer:
    """An answer whose `typed` is a validated object of the schema.

    Raises:
        UsageError: the question is empty or too long, or meant for free chat.
        ConfigurationError: the schema needs a language model and none is set.
        TypedAnswerError: no valid object came out; the message names schema, field and cause.
        ModelError: the model did not answer.
    """
    if question.mode is Mode.FREE:
        raise UsageError(
            f"A typed answer ({schema.name}) stands on documents and cannot be had in free chat. Leave out the "
            "schema, or ask the documents."
        )
    question = question.model_copy(update={"form": schema.reference})
    if pipeline.model is not None:
        return _Extraction(pipeline, pipeline.model, question, schema).answer()
    if schema.model is CitedAnswer:
        return _cited_without_model(pipeline, question)
    raise ConfigurationError(
        f"The schema {schema.name!r} needs a language model, and none is set. Set DOCENT_LLM_MODEL, for example "
        f"to 'openai:gpt-4o-mini' with OPENAI_API_KEY or to 'ollama:qwen3', in {env_file()}.",
        schema=schema.name,
    )


def _cited_without_model(pipeline: Pipeline, question: Question) -> Answer:
    """The quoted sentences as a CitedAnswer; its confidence is the score of the weakest cited passage."""
    answer = pipeline.answer(question)
    if answer.refused:
        return answer
    scores = [min(1.0, max(0.0, citation.score)) for citation in answer.citations]
    filled = CitedAnswer(
        answer=answer.answer,
        citations=[citation.n for citation in answer.citations],
        confidence=round(min(scores, default=0.0), 3),
    )
    return answer.model_copy(update={"typed": filled.model_dump(mode="json")})


@dataclass
class _Extraction:
    """One object on its way."""

    pipeline: Pipeline
    model: ChatModel
    question: Question
    schema: Schema
    notices: list[Notice] = field(default_factory=list)
    spent: Tokens = field(default_factory=Tokens)
    method: int = 0

    def __post_init__(self) -> None:
        pipeline, sampling = self.pipeline, self.pipeline.sampling(self.question)
        self.reply = Reply(sampling=sampling)
        self.record = Recorder(self.question, pipeline.settings, sampling, self.model, pipeline.basis)

    def answer(self) -> Answer:
        standalone, hits, passages = self.pipeline.retrieve(self.question, self.record)
        if not passages:
            refused = self._made(standalone, refusal(self.question.text))
            return refused.model_copy(update={"refusal": self._why("off_topic", standalone, hits)})
        if sources := suspicious(passages):
            self._tell(Notice(code="suspicious_passage", values={"sources": ", ".join(sources)}))
        message, value = self._extract(standalone, passages)
        if value is None:
            refused = self._made(standalone, declined(message))
            return refused.model_copy(update={"refusal": self._why("not_found", standalone, hits)})
        text, checked, value = self._with_evidence(value, passages)
        made = self._made(standalone, text)
        return made.model_copy(update={"refused": False, **checked, "typed": value.model_dump(mode="json")})

    def _why(self, reason: str, standalone: str, hits: tuple[Hit, ...]) -> Refusal:
        where = without_filters(self.question, self.pipeline.fields)[1]
        return explained(reason, standalone, hits, self.pipeline.grounds, where)

    def _made(self, standalone: str, text: str) -> Answer:
        """A refusal with these words; what was found is filled in by the caller."""
        self.record.spoke()
        self.reply.tokens = self.spent
        reply, trace = self.reply, self.record.finished(self.reply)
        return Answer(
            question=self.question.text,
            standalone=standalone,
            answer=text,
            refused=True,
            citations=(),
            model=reply.model,
            temperature=reply.sampling.temperature,
            seed=reply.sampling.seed,
            fingerprint=reply.fingerprint,
            tokens=reply.tokens,
            seconds=Seconds.of(self.record.timeline),
            notices=tuple(self.notices),
            trace=trace,
        )

    # -- the object --------------------------------------------------------------------------------

    def _extract(self, question: str, passages: tuple[Passage, ...]) -> tuple[AIMessage, BaseModel | None]:
        """The model's last message with the object in it; no object if the model declined."""
        from langchain_core.messages import AIMessage, HumanMessage

        messages = self._messages(question, passages)
        for repairs_left in range(_REPAIRS, -1, -1):
            message = self._ask(messages)
            if declined(message):
                return message, None
            try:
                return message, parse(content(message), self.schema.model)
            except Problem as problem:
                if not repairs_left:
                    raise self._failed(problem) from None
                self._tell(Notice(code="typed_repair", values={"field": problem.field or "–"}))
                errors = "\n".join(problem.lines)
                _, again = load("repair").fill(schema_name=self.schema.model.__name__, errors=errors)
                messages += [AIMessage(content=content(message)), HumanMessage(content=again)]
        raise AssertionError("the last try returns or raises")

    def _messages(self, question: str, passages: tuple[Passage, ...]) -> list[BaseMessage]:
        from langchain_core.messages import HumanMessage, SystemMessage

        system, human = load("extract").fill(
            schema_name=self.schema.model.__name__,
            schema=json.dumps(self.schema.json_schema, ensure_ascii=False),
            passages=passages_text(passages),
            question=question,
        )
        return [SystemMessage(content=system), HumanMessage(content=human)]

    def _ask(self, messages: list[BaseMessage]) -> AIMessage:
        """One message, by the strictest method that the server takes."""
        while True:
            try:
                message = self.model.structured(
                    messages,
                    self.schema.json_schema,
                    method=_METHODS[self.method],
                    sampling=self.pipeline.sampling(self.question),
                    tell=self._tell,
                )
            except ModelError as error:
                self._next_method(error)
            else:
                self._count(message)
                self.reply.add(message)
                return message

    def _next_method(self, error: ModelError) -> None:
        """Go on with a looser method if this one is what the server refused; raise what it is otherwise."""
        if error.values.get("reason") == "length":
            cut = Problem("", "the answer was cut off; raise DOCENT_MAX_TOKENS")
            raise self._failed(cut) from None
        refused = error.values.get("reason") == "rejected" or error.values.get("status") == 501
        if not refused or self.method + 1 == len(_METHODS):
            raise error
        self.method += 1

    def _tell(self, notice: Notice) -> None:
        if notice not in self.notices:
            self.notices.append(notice)

    def _count(self, message: AIMessage) -> None:
        if usage := message.usage_metadata:
            self.spent = Tokens(
                prompt=self.spent.prompt + usage["input_tokens"],
                completion=self.spent.completion + usage["output_tokens"],
                total=self.spent.total + usage["total_tokens"],
            )

    def _failed(self, problem: Problem) -> TypedAnswerError:
        where = f"field {problem.field!r}" if problem.field else "the object"
        return TypedAnswerError(
            f"No valid {self.schema.model.__name__} came out of {self.model.endpoint.name!r}: {where}: "
            f"{problem.cause}. Ask more narrowly, or choose a model that follows schemas better in "
            "DOCENT_LLM_MODEL.",
            schema=self.schema.model.__name__,
            field=problem.field,
            cause=problem.cause,
        )

    # -- its evidence ------------------------------------------------------------------------------

    def _with_evidence(
        self, value: BaseModel, passages: tuple[Passage, ...]
    ) -> tuple[str, dict[str, Any], BaseModel]:
        """Text, what was checked of it, and the object with the numbers that the reader sees."""
        if not isinstance(value, CitedAnswer):
            found = {"citations": evidence(value, passages)}
            return as_text(value.model_dump(mode="json")), found, value
        marks = Marks([passage.n for passage in passages])
        unmarked = "".join(f"[{n}]" for n in value.citations if f"[{n}]" not in value.answer)
        text = (marks.feed(f"{value.answer} {unmarked}") + marks.end()).strip()
        if marks.removed:
            self._tell(Notice(code="marks_removed", values={"count": str(marks.removed)}))
        verified = verify(text, marks.shown, passages, self.question.text)
        numbers = [citation.n for citation in verified.citations]
        update = {"answer": verified.text, "citations": numbers}
        return verified.text, verified.fields(), value.model_copy(update=update)
