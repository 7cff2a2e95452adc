"""`ModelFiller`: fills a schema from the passages of one document by a language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.answers.evidence import ground
from app.answers.filling import Filled
from app.answers.generation import Asker, Object, Partials, failed, whole
from app.answers.generation.json_text import Problem
from app.answers.generation.prompt import prompt_for
from app.answers.schemas.schema import RECORDS, Schema
from app.chat.context import Passage
from app.chat.tokens import count_tokens
from app.schemas import Chunk, FieldEvidence, Hit, Sampling
from ingest.suspicion import is_hidden
from prompts import load

if TYPE_CHECKING:
    from app.config import Settings
    from app.llm import ChatModel

# Chunks that follow each other are shown as one passage of so many tokens.
_PASSAGE = 1500


class ModelFiller:
    """A `Filler`. Each value may be null, whatever the schema says: a document need not have it all.

    Args:
        settings: sampling, `typed_repairs`.
        keep_unsupported: whether values that stand nowhere are kept, and marked.
    """

    def __init__(
        self, schema: Schema, model: ChatModel, settings: Settings, *, keep_unsupported: bool = False
    ) -> None:
        self.schema = schema
        self._asked = schema.asked
        self._model, self._repairs, self._keep = model, settings.typed_repairs, keep_unsupported
        self._sampling = Sampling(**{name: getattr(settings, name) for name in Sampling.model_fields})
        task = load("document").fill(what="every" if schema.many else "one", schema_name=schema.name)[1]
        self._prompt = prompt_for(self._asked, task)

    def fill(self, chunks: Sequence[Chunk]) -> Sequence[Filled]:
        """The objects that a document holds; see `Filler`.

        Raises:
            TypedAnswerError: no valid object came out, or the model declined.
            ModelError: the model did not answer.
        """
        passages = tuple(passages_of(chunks))
        if not passages:
            return [] if self.schema.many else [self._filled({}, ())]
        asker = Asker(self._model, self._asked, self._repairs, self._sampling, lenient=True)
        fields = self._asked.fields
        made = _end(
            whole(
                asker,
                passages,
                self._prompt,
                by_parts=True,
                check=lambda data, part: ground(data, fields, part).data,
            )
        )
        if made.data is None:
            raise failed(self.schema, self._model, Problem("", f"the model declined: “{made.declined}”"))
        return self._records(made.data, passages) if self.schema.many else [self._filled(made.data, passages)]

    def _filled(self, data: dict[str, Any], passages: Sequence[Passage]) -> Filled:
        held = ground(data, self.schema.fields, passages, keep=self._keep)
        return Filled(held.data, held.evidence)

    def _records(self, data: dict[str, Any], passages: Sequence[Passage]) -> list[Filled]:
        """All records are held against the document together, so that two of them cannot swap values."""
        held = ground(data, self._asked.fields, passages, keep=self._keep)
        records = held.data[RECORDS]
        return [Filled(one, tuple(_of_record(held.evidence, n))) for n, one in enumerate(records)]


def _of_record(evidence: Sequence[FieldEvidence], n: int) -> Iterator[FieldEvidence]:
    start = f"{RECORDS}.{n}."
    for one in evidence:
        if one.path.startswith(start):
            yield one.model_copy(update={"path": one.path.removeprefix(start)})


def passages_of(chunks: Sequence[Chunk]) -> Iterator[Passage]:
    """The document in its order, without what is hidden from readers."""
    seen = [chunk for chunk in chunks if not any(map(is_hidden, chunk.suspicions))]
    group: list[Chunk] = []
    tokens = number = 0
    for chunk in seen:
        cost = count_tokens(chunk.text)
        if group and tokens + cost > _PASSAGE:
            number += 1
            yield _passage(number, group)
            group, tokens = [], 0
        group.append(chunk)
        tokens += cost
    if group:
        yield _passage(number + 1, group)


def _passage(n: int, group: Sequence[Chunk]) -> Passage:
    return Passage(n, Hit(n, 1.0, None, None, group[0]), tuple(group))


def _end(partials: Partials) -> Object:
    """What making an object comes to, for nobody who looks on."""
    while True:
        try:
            next(partials)
        except StopIteration as end:
            made: Object = end.value
            return made
