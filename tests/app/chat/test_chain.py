"""The chain by itself, as a developer has it: any retriever, any model, every way to run it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from uuid import UUID

import pytest
from langchain_core.callbacks import BaseCallbackHandler, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig, RunnableGenerator, RunnableLambda
from support.model_server import ModelServer
from support.passages import HANDBOOK, LEAVE, Found, hits

from app.chat.assign import assign
from app.chat.chain import answer_chain
from app.chat.pipeline import Pipeline
from app.chat.retriever import DocentRetriever, as_document, as_hit
from app.config import Settings
from app.errors import QuestionError
from app.llm import ChatModel, chat_model
from app.schemas import Notice, Question, Role, Turn
from prompts import refusal_text

ASKED = {"question": "How many days of leave?"}
FOLLOW_UP = {
    "question": "And for parents?",
    "history": [HumanMessage("Days of leave?"), AIMessage("25 [3].")],
}


class Shelf(BaseRetriever):
    """Somebody else's retriever: documents without scores."""

    documents: list[Document]

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return self.documents


def ours(found: Found | None = None) -> DocentRetriever:
    return DocentRetriever(searcher=found or Found(), k=2)


def saying(*texts: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter(map(AIMessage, texts)))


def scripted(server: ModelServer) -> ChatModel:
    model = chat_model(Settings(llm_base_url=server.url))
    assert model is not None
    return model


def test_the_state_holds_all_that_the_answer_came_from(model_server: ModelServer):
    model_server.say("How many days of leave do parents have?", "Thirty [1].")
    state = answer_chain(ours(), scripted(model_server)).invoke(FOLLOW_UP)
    assert state["standalone"] == "How many days of leave do parents have?"
    assert [document.metadata["source"] for document in state["documents"]] == ["leave.md", "휴가.md"]
    assert [passage.n for passage in state["passages"]] == [1, 2]
    assert state["answer"].text == "Thirty [1]."
    assert state["answer"].usage_metadata["total_tokens"] == 13
    assert state["answer"].response_metadata["finish_reason"] == "stop"
    assert state["answer"].response_metadata["answered_by"] == "openai:scripted-model"
    assert model_server.bodies[-1]["messages"][2]["content"] == "25."


@pytest.mark.parametrize("model", [None, "Employees have 25 days [1]."])
def test_a_stream_gives_each_part_as_soon_as_it_is_there(model: str | None):
    chain = answer_chain(ours(), saying(model) if model else None)
    names = [name for piece in chain.stream(ASKED) for name in piece]
    assert names[:5] == ["question", "history", "standalone", "documents", "passages"]
    assert set(names[5:]) == {"answer"}


def test_sources_are_there_before_the_model_is_asked(model_server: ModelServer):
    for piece in answer_chain(ours(), scripted(model_server)).stream(ASKED):
        if "documents" in piece:
            break
    assert model_server.requests == []


def test_without_a_model_sentences_are_quoted_and_it_is_told():
    told: list[Notice] = []
    answer = answer_chain(ours(), tell=told.append).invoke(ASKED)["answer"]
    assert "25 days" in answer.text
    assert [notice.code for notice in told] == ["no_model"]


def test_batch_keeps_the_order():
    questions = [ASKED, {"question": "Who won?"}, {"question": "연차는 며칠인가요?"}]
    states = answer_chain(ours()).batch([*questions])
    assert [state["question"] for state in states] == [one["question"] for one in questions]


def test_the_asynchronous_forms_give_the_same():
    chain = answer_chain(ours())

    async def both() -> tuple[str, str]:
        streamed = [piece["answer"].text async for piece in chain.astream(ASKED) if "answer" in piece]
        return (await chain.ainvoke(ASKED))["answer"].text, "".join(streamed)

    once, streamed = asyncio.run(both())
    assert once == streamed == chain.invoke(ASKED)["answer"].text


def test_any_retriever_and_any_model_will_do():
    shelf = Shelf(documents=[Document(LEAVE, metadata={"source": "leave.txt", "page": 3}), Document("Else.")])
    state = answer_chain(shelf, saying("25 days [1].")).invoke(ASKED)
    assert state["answer"].text == "25 days [1]."
    chunk = state["passages"][0].hit.chunk
    assert (chunk.text, chunk.source, chunk.page) == (LEAVE, "leave.txt", 3)
    assert "25 days" in answer_chain(shelf).invoke(ASKED)["answer"].text


@pytest.mark.parametrize(
    "retriever", [Shelf(documents=[]), ours(Found(hits(*(hit.chunk for hit in HANDBOOK), best=0.1)))]
)
def test_what_finds_nothing_relevant_is_refused_without_a_model(retriever: BaseRetriever):
    state = answer_chain(retriever, saying("never asked")).invoke(ASKED)
    assert state["answer"].text == refusal_text("en")
    assert state["passages"] == ()


def test_a_document_is_its_hit_again():
    assert [as_hit(as_document(hit), 9) for hit in HANDBOOK] == list(HANDBOOK)


def test_an_error_reaches_the_caller():
    with pytest.raises(QuestionError, match="empty"):
        answer_chain(ours()).invoke({"question": " "})
    with pytest.raises(QuestionError, match="empty"):
        list(answer_chain(ours()).stream({"question": " "}))


class Watcher(BaseCallbackHandler):
    """Notes the runs that it is told of, and under which other run each is."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.parents: dict[UUID, UUID | None] = {}

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **_: Any
    ) -> None:
        self._note("chain", run_id, parent_run_id)

    def on_retriever_start(
        self, serialized: Any, query: str, *, run_id: UUID, parent_run_id: UUID | None = None, **_: Any
    ) -> None:
        self._note(f"retriever {query}", run_id, parent_run_id)

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: UUID, parent_run_id: UUID | None = None, **_: Any
    ) -> None:
        self._note("model", run_id, parent_run_id)

    def _note(self, kind: str, run: UUID, parent: UUID | None) -> None:
        self.seen.append(kind)
        self.parents[run] = parent


@pytest.mark.parametrize("how", ["invoke", "stream"])
def test_callbacks_see_the_retriever_and_the_model_under_one_run(model_server: ModelServer, how: str):
    watcher = Watcher()
    config: RunnableConfig = {"callbacks": [watcher]}
    model_server.say("Days for parents?", "Thirty [1].")
    list(getattr(answer_chain(ours(), scripted(model_server)), how)(FOLLOW_UP, config))
    assert [kind for kind in watcher.seen if kind != "chain"] == [
        "model",
        "retriever Days for parents?",
        "model",
    ]
    assert list(watcher.parents.values()).count(None) == 1
    assert {parent for parent in watcher.parents.values() if parent} <= set(watcher.parents)


def test_a_step_starts_no_thread():
    threads: list[threading.Thread] = []

    def step(_: dict[str, Any]) -> int:
        threads.append(threading.current_thread())
        return 1

    chain = assign(one=RunnableLambda(step))
    assert chain.invoke({"zero": 0}) == {"zero": 0, "one": 1}
    assert list(chain.stream({"zero": 0})) == [{"zero": 0}, {"one": 1}]
    assert set(threads) == {threading.current_thread()}


def test_leaving_a_stream_ends_the_step_that_is_running():
    ended = threading.Event()

    def words(_: Any) -> Any:
        try:
            yield from map(str, range(1000))
        finally:
            ended.set()

    stream = assign(answer=RunnableGenerator(words)).stream({})
    for piece in stream:
        if "answer" in piece:
            break
    stream.close()  # type: ignore[attr-defined]
    assert ended.is_set()


def test_the_pipeline_gives_its_chain_and_stands_on_it():
    pipeline = Pipeline(Found(), None, Settings(top_k=1))
    history = (Turn(role=Role.USER, content="Days of leave?"), Turn(role=Role.ASSISTANT, content="25 [1]."))
    state = pipeline.chain().invoke({"question": "And when do they expire?", "history": history_of(history)})
    answer = pipeline.answer(Question(text="And when do they expire?", history=history))
    assert state["standalone"] == answer.standalone == "Days of leave? And when do they expire?"
    assert state["answer"].text.strip() == answer.answer
    assert len(state["documents"]) == 1


def history_of(turns: tuple[Turn, ...]) -> list[tuple[str, str]]:
    """As a developer may write it down."""
    return [(turn.role.value, turn.content) for turn in turns]
