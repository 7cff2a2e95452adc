"""The way out as one chain of LangChain: question → stand-alone question → documents → passages → answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter

from langchain_core.documents import Document
from langchain_core.messages import AIMessageChunk, convert_to_messages
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableBranch, RunnableLambda

from app.chat.assign import State, assign
from app.chat.condense import condense_chain
from app.chat.context import Neighbours, Passage, passages
from app.chat.extractive import extract
from app.chat.generate import Model, as_messages, as_turns, generation
from app.chat.memory.budget import fitted
from app.chat.question import checked
from app.chat.refusal import refusal
from app.chat.relevance import ENOUGH, relevant
from app.chat.retriever import as_hit
from app.config import env_file
from app.prompting import Chosen
from app.schemas import Hit, Notice, Sampling

Tell = Callable[[Notice], None]
Quote = Callable[[Sequence[Passage]], str]
"""What a text with marks is made by without a model; "" if the passages hold nothing for it."""

HISTORY_TOKENS = 2000


def _ignore(_: Notice) -> None:
    pass


def answer_chain(
    retriever: BaseRetriever,
    model: Model | None = None,
    *,
    neighbours: Neighbours | None = None,
    sampling: Sampling | None = None,
    history_tokens: int = HISTORY_TOKENS,
    enough: float = ENOUGH,
    wording: Chosen | None = None,
    quote: Quote | None = None,
    tell: Tell = _ignore,
    cancelled: threading.Event | None = None,
) -> Runnable[State, State]:
    """The whole way out; `invoke`, `stream`, `batch` and their async forms work as on any chain.

    In goes `{"question": str, "history": [messages], "summary": str}`, the last two being optional; the
    summary stands for what was said before the history. Out come `standalone`, `documents`, `passages` and
    `answer`, a message whose marks `[n]` are the numbers of the passages; a stream gives each as soon as it
    is there, and the answer in pieces.

    Args:
        retriever: any; documents of ours bring scores, by which what is irrelevant is refused.
        model: any chat model; None answers with quoted sentences.
        neighbours: gives the chunks around a hit, to show it in its context.
        sampling: how our own models draw their words; another brings its own.
        history_tokens: how much of the conversation is used; of what does not fit, the best sentences.
        enough: from which score on a passage is worth an answer; see `app.chat.relevance`.
        wording: role, style and examples of the prompt.
        quote: what answers without a model, from the passages alone; see `app.chat.extractive`.
        tell: is told what the user should know.
        cancelled: once it is set, our own models make no further try.

    Raises:
        QuestionError: the question is empty or too long.
        ModelError: the model did not answer.
    """
    sampling = sampling or Sampling()
    quoted = RunnableLambda(partial(_quoted, tell, quote), name="quoted")
    answered = generation(model, sampling, tell, cancelled, wording) if model else quoted
    found = retrieval_chain(
        retriever,
        model,
        neighbours=neighbours,
        seed=sampling.seed,
        history_tokens=history_tokens,
        enough=enough,
        tell=tell,
        cancelled=cancelled,
    )
    return found | assign(
        answer=RunnableBranch((itemgetter("passages"), answered), RunnableLambda(_refused, name="refused"))
    )


def retrieval_chain(
    retriever: BaseRetriever,
    model: Model | None = None,
    *,
    neighbours: Neighbours | None = None,
    seed: int | None = None,
    history_tokens: int = HISTORY_TOKENS,
    enough: float = ENOUGH,
    tell: Tell = _ignore,
    cancelled: threading.Event | None = None,
) -> Runnable[State, State]:
    """The part before the answer; see `answer_chain`."""
    return (
        RunnableLambda(partial(_given, history_tokens, tell), name="given")
        | assign(standalone=condense_chain(model, seed, cancelled))
        | assign(documents=itemgetter("standalone") | retriever)
        | assign(passages=RunnableLambda(partial(_passages, neighbours, enough), name="numbered"))
    )


def _given(history_tokens: int, tell: Tell, given: State) -> State:
    """The question as it goes on, and what fits of the conversation before it."""
    turns = as_turns(convert_to_messages(given.get("history") or []))
    told = fitted(given.get("summary") or "", turns, history_tokens)
    if told.added:
        tell(Notice(code="history_summarised", values={"count": str(told.added)}))
    state = {"question": checked(given["question"]), "history": as_messages(told.turns)}
    return state | ({"summary": told.summary} if told.summary else {})


def _passages(neighbours: Neighbours | None, enough: float, state: State) -> tuple[Passage, ...]:
    """Numbered passages of the documents; none if nothing relevant is among them."""
    hits = as_hits(state["documents"])
    return passages(hits, neighbours) if relevant(hits, enough) else ()


def as_hits(documents: Sequence[Document]) -> tuple[Hit, ...]:
    return tuple(as_hit(document, rank) for rank, document in enumerate(documents, 1))


def _refused(state: State) -> AIMessageChunk:
    return AIMessageChunk(content=refusal(state["question"]))


def _quoted(tell: Tell, quote: Quote | None, state: State) -> AIMessageChunk:
    """The sentences that answer best; the refusal if there is none."""
    text = quote(state["passages"]) if quote else _extracted(state)
    if not text:
        return _refused(state)
    tell(Notice(code="no_model", values={"env_file": str(env_file())}))
    return AIMessageChunk(content=text)


def _extracted(state: State) -> str:
    followed = state["standalone"] != state["question"]
    return extract(state["standalone"], state["passages"], state["question"] if followed else "")
