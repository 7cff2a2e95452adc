"""Questions to go on with after an answer: about what stands near its evidence and was not used yet."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.chat.suggest.topics import topics
from app.chat.suggest.verify import answering, distinct
from app.errors import ModelError
from app.language import detect_language
from app.schemas import Answer, Chunk, Mode, Sampling

if TYPE_CHECKING:
    from app.chat.pipeline import Pipeline
    from app.llm import ChatModel
    from ingest.collection import Collection

COUNT = 3
# Passages before and after one that is cited, and further ones that the search finds.
_BEFORE, _AFTER, _FURTHER = 2, 6, 12
_MOST_TRIED = 16
_SHOWN, _SHOWN_CHARACTERS, _ANSWER_CHARACTERS, _LONGEST = 8, 700, 3000, 120
_MOST_TOKENS = 200
_BULLET = re.compile(r"^\s*(?:[-*•·]|\(?\d{1,2}[.):])\s+")


def follow_ups(
    answer: Answer,
    collection: Collection,
    pipeline: Pipeline,
    *,
    model: ChatModel | None = None,
    asked: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    count: int = COUNT,
    cancelled: threading.Event | None = None,
) -> list[str]:
    """Up to `count` short questions that would be answered, none of which was asked.

    Without a model they are made of headings and sentences, the same ones every time. What a model suggests
    is shown only if the search finds an answer to it, and the others fill up what is missing.

    Args:
        collection: that was asked.
        pipeline: over it, without a model.
        model: is asked for suggestions, once.
        asked: earlier questions of the conversation.
        where: the filters of the conversation.
    """
    if answer.mode is Mode.FREE:
        return []
    used, near = _surroundings(answer, collection, pipeline, where)
    known = [answer.standalone, answer.question, *asked]

    def answers(question: str) -> bool:
        return bool(answering(pipeline, question, where))

    def adds(question: str) -> bool:
        found = answering(pipeline, question, where)
        return bool(found) and (answer.refused or found.adds_to(answer.answer))

    own = distinct(_from_model(answer, near, used, model, cancelled), known, count, answers)
    if len(own) == count:
        return own
    rest = _from_documents(answer, [*used.values(), *near])
    return [*own, *distinct(rest, [*known, *own], count - len(own), adds)]


def _surroundings(
    answer: Answer, collection: Collection, pipeline: Pipeline, where: Mapping[str, Any] | None
) -> tuple[dict[str, Chunk], list[Chunk]]:
    """The chunks that the answer stands on, and those around them and beside them in the search."""
    closest = answer.refusal.closest if answer.refusal else ()
    cited = collection.chunks([one.chunk_id for one in answer.citations or closest])
    used = {} if answer.refused else cited
    around = [chunk for one in cited.values() for chunk in _around(one, collection)]
    hits = pipeline.searcher.search(answer.standalone, _FURTHER, where or None)
    near = {chunk.id: chunk for chunk in [*around, *(hit.chunk for hit in hits)]}
    return used, [chunk for id_, chunk in near.items() if id_ not in used]


def _around(one: Chunk, collection: Collection) -> list[Chunk]:
    """The nearest first; what follows before what stands above."""
    found = collection.neighbours(one, _BEFORE, _AFTER)
    return sorted(found, key=lambda it: (abs(it.ordinal - one.ordinal), it.ordinal < one.ordinal))


def _from_documents(answer: Answer, near: Sequence[Chunk]) -> Iterator[str]:
    """In the language of the question first."""
    language = detect_language(answer.question)
    found = sorted(topics(near), key=lambda it: (detect_language(it.question) != language, it.worth == 2))
    yield from (topic.question for topic in found[:_MOST_TRIED])


# -- by a model ------------------------------------------------------------------------------------------


def _from_model(
    answer: Answer,
    near: Sequence[Chunk],
    used: Mapping[str, Chunk],
    model: ChatModel | None,
    cancelled: threading.Event | None,
) -> list[str]:
    """Lines of the model that are short questions; none if it does not answer."""
    if model is None or answer.refused:
        return []
    try:
        said = _said(answer, [*near[:_SHOWN], *used.values()], model, cancelled)
    except ModelError:
        return []
    lines = (_BULLET.sub("", line).strip("\"'“”‘’` \t") for line in said.splitlines())
    return [line for line in lines if len(line) <= _LONGEST and line.endswith(("?", "？", "요.", "오."))]


def _said(
    answer: Answer, chunks: Sequence[Chunk], model: ChatModel, cancelled: threading.Event | None
) -> str:
    from langchain_core.output_parsers import StrOutputParser

    from app.chat.generate import template
    from app.chat.interrupt import interruptible

    shown = [_passage(chunk) for chunk in chunks if not chunk.suspicions]
    given = {
        "question": answer.question[:_ANSWER_CHARACTERS],
        "answer": answer.answer[:_ANSWER_CHARACTERS],
        "passages": "\n\n".join(shown),
        "count": str(COUNT),
    }
    sampling = Sampling(temperature=0.0, max_tokens=_MOST_TOKENS)
    bound = model.bind(sampling=sampling, cancelled=cancelled)
    chain = template("followups") | bound | StrOutputParser()
    return "".join(interruptible(lambda: chain.stream(given), cancelled))


def _passage(chunk: Chunk) -> str:
    place = " › ".join(dict.fromkeys(part for part in (chunk.title, *chunk.headings) if part))
    return f"{place}\n{chunk.text[:_SHOWN_CHARACTERS]}"
