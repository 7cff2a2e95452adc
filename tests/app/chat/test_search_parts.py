"""What may be added to a search: explanation, folding, MMR, similar passages, reranking, expansion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from support.model_server import ModelServer, Reply
from support.passages import chunk
from support.small_models import make_model

from app.chat.retrieve import Searcher
from app.chat.retrieve.diversity import Candidate, diverse, fold
from app.chat.retrieve.expansion import imagined, wordings
from app.chat.retrieve.marking import matched_words, spans
from app.chat.retrieve.rerank import Reranker
from app.config import Settings
from app.errors import ConfigurationError, NotFoundError
from app.llm import chat_model
from app.runtime import Runtime, build
from app.schemas import Notice
from vectorstore.base import Scored

TEXTS = {
    "leave.md": "Employees have 25 days of annual leave a year.",
    "copy.md": "Employees have 25 days of annual leave a year.",
    "holiday.md": "Time off for a vacation is agreed with the team.",
    "travel.md": "Travel expenses are refunded within a month.",
}
Build = Callable[..., Searcher]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    root = tmp_path_factory.mktemp("parts")
    for name, text in TEXTS.items():
        (root / name).write_text(text, encoding="utf-8")
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), vector_backend="faiss")
    with build(settings) as made:
        made.ingest([root])
        yield made


@pytest.fixture
def searcher(runtime: Runtime) -> Build:
    """A searcher with other settings; `model` and `reranker` are handed on."""

    def make(model: object = None, reranker: Reranker | None = None, **settings: object) -> Searcher:
        changed = runtime.settings.model_copy(update=settings)
        return Searcher(runtime.collection(), runtime.embedding, changed, lambda: model, reranker)  # type: ignore[arg-type,return-value]

    return make


# -- explanation -----------------------------------------------------------------------------------


def test_a_hit_knows_what_each_side_added(searcher: Build):
    found = searcher().find("annual leave days", 3)
    why = found.hits[0].explain
    assert why is not None
    assert (why.dense_rank, why.keyword_rank) in [(1, 1), (2, 2), (1, 2), (2, 1)]
    assert why.dense_share + why.keyword_share == pytest.approx(found.hits[0].score)
    assert set(why.matched) >= {"annual", "leav", "day"}
    assert found.seconds.keys() == {"search"}


def test_one_side_alone_leaves_the_other_out(searcher: Build):
    [first, *_] = searcher().find("annual leave", 3, dense_weight=0.0).hits
    assert first.dense is None and first.explain and first.explain.dense_share == 0.0
    [first, *_] = searcher().find("annual leave", 3, dense_weight=1.0).hits
    assert first.keyword is None and first.explain and first.explain.keyword_share == 0.0


def test_matched_terms_are_found_in_the_text():
    assert spans("Leaves and leaving, not sleeves.", ["leav"]) == [(0, 6), (11, 18)]
    assert spans("연차휴가는 3일", ["연차", "휴가", "차휴", "일"]) == [(0, 4)]
    assert matched_words("How many leaves (연차)?", ["leav", "연차"]) == ["leaves", "연차"]
    assert spans("anything", []) == []


# -- folding and MMR -------------------------------------------------------------------------------


def test_a_passage_of_two_files_is_shown_once_and_names_the_other(searcher: Build):
    hits = searcher().search("annual leave days", 4)
    [both] = [hit for hit in hits if "25 days" in hit.chunk.text]
    assert {both.chunk.source, *both.also_in} == {"leave.md", "copy.md"}
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def test_what_one_file_says_twice_stays():
    same = [
        chunk("Yes.", "a.md", 0),
        chunk("Yes.", "a.md", 1),
        chunk("Yes.", "b.md"),
        chunk(" Yes.", "b.md", 1),
    ]
    kept = list(fold(Candidate(Scored(one.id, 1.0), one) for one in same))
    assert [one.chunk.id for one in kept] == ["a.md#0", "a.md#1"]
    assert kept[0].also_in == ("b.md",)


def test_mmr_puts_what_is_unlike_before_a_near_duplicate():
    chunks = [chunk(name, name) for name in "abc"]
    candidates = [
        Candidate(Scored(one.id, score), one) for one, score in zip(chunks, (0.9, 0.85, 0.5), strict=True)
    ]
    vectors = dict(zip(("a#0", "b#0", "c#0"), np.eye(3, dtype=np.float32)[[0, 0, 1]], strict=True))
    assert [one.chunk.source for one in diverse(candidates, vectors, 1.0, 3)] == ["a", "b", "c"]
    assert [one.chunk.source for one in diverse(candidates, vectors, 0.5, 3)] == ["a", "c", "b"]
    assert [one.chunk.source for one in diverse(candidates, {}, 0.5, 2)] == ["a", "b"]
    assert diverse([], {}, 0.5, 3) == []


def test_mmr_is_off_until_it_is_set(searcher: Build):
    plain = [hit.chunk.source for hit in searcher().search("annual leave days off", 3)]
    relevant = [hit.chunk.source for hit in searcher(mmr=1.0).search("annual leave days off", 3)]
    varied = searcher(mmr=0.0).search("annual leave days off", 3)
    assert plain == relevant
    assert [hit.rank for hit in varied] == [1, 2, 3]


# -- similar passages ------------------------------------------------------------------------------


def test_similar_passages_are_near_by_both_measures(searcher: Build):
    [first, *_] = searcher().search("annual leave days", 1)
    near = searcher().similar(first.chunk.id, 3)
    assert near[0].chunk.source == first.also_in[0]
    assert first.chunk.id not in {one.chunk.id for one in near}
    assert [one.cosine for one in near] == sorted((one.cosine for one in near), reverse=True)
    for one in near:
        assert one.euclidean**2 == pytest.approx(2 - 2 * one.cosine, abs=1e-4)
    with pytest.raises(NotFoundError, match="gone"):
        searcher().similar("gone", 3)


# -- reranking -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CrossEncoder with random weights, as sentence-transformers saves one."""
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = make_model(tmp_path_factory.mktemp("bert"))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder))
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, num_labels=1, **sizes)
    made = tmp_path_factory.mktemp("cross")
    BertForSequenceClassification(config).save_pretrained(made)
    tokenizer.save_pretrained(made)
    return made


@pytest.mark.slow
def test_a_cross_encoder_decides_the_order(searcher: Build, cross_encoder: Path):
    found = searcher(reranker=Reranker(str(cross_encoder))).find("annual leave days", 3)
    scores = [hit.explain.rerank for hit in found.hits if hit.explain]
    assert len(scores) == 3
    assert all(score is not None and 0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]
    assert found.seconds["rerank"] > 0


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "plainname", "no-such-owner/no-such-model"])
def test_a_reranker_that_is_not_there_is_said_soon(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match="DOCENT_RERANK_MODEL=") as error:
        Reranker(name).scores("leave", ["passage"])
    assert name in str(error.value)
    assert time.monotonic() - began < 60


@pytest.mark.slow  # sentence_transformers alone takes ten seconds
def test_a_folder_that_is_no_cross_encoder_is_said(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="cannot be loaded from"):
        Reranker(str(tmp_path)).scores("leave", ["passage"])


# -- expansion -------------------------------------------------------------------------------------


@pytest.fixture
def model(model_server: ModelServer) -> object:
    return chat_model(Settings(llm_base_url=model_server.url, llm_model="scripted-model", llm_retries=0))


def test_other_wordings_find_what_the_query_misses(searcher: Build, model: object, model_server: ModelServer):
    query = "absence"
    model_server.say("1. vacation time off\n- holiday agreed with the team\n\n1. vacation time off")
    plain = searcher(dense_weight=0.0).search(query, 3)
    found = searcher(model, dense_weight=0.0, query_expansion="multi").find(query, 3)
    assert plain == []
    assert found.hits[0].chunk.source == "holiday.md"
    assert found.hits[0].keyword is None
    assert found.seconds["expand"] > 0
    assert "absence" in str(model_server.bodies[0]["messages"])


def test_an_imagined_passage_moves_the_vector(searcher: Build, model: object, model_server: ModelServer):
    model_server.say("Travel expenses are refunded within a month of the trip.")
    plain = searcher(dense_weight=1.0).search("money back", 1)
    found = searcher(model, dense_weight=1.0, query_expansion="hyde").search("money back", 1)
    assert found[0].chunk.source == "travel.md"
    assert found[0].dense is not None and plain[0].dense is not None
    assert found[0].dense > plain[0].dense


def test_without_a_model_the_query_is_searched_as_it_is(searcher: Build):
    notices: list[Notice] = []
    hits = searcher(query_expansion="hyde").search("annual leave", 2, tell=notices.append)
    assert hits[0].score == searcher().search("annual leave", 2)[0].score
    assert [notice.code for notice in notices] == ["expansion_ignored"]


def test_a_model_that_fails_does_not_stop_the_search(
    searcher: Build, model: object, model_server: ModelServer
):
    model_server.say(Reply(status=500))
    found = searcher(model, query_expansion="multi").find("annual leave", 2)
    assert found.hits
    assert [notice.code for notice in found.notices] == ["expansion_failed"]


def test_what_a_model_says_is_cleaned(model: object, model_server: ModelServer):
    model_server.say('* "Paid holidays?"\n2) Why?\n\n  \nWhy?\n(3) More.\n4. Too many', "")
    assert wordings("Why?", model) == ["Paid holidays?", "More.", "Too many"]  # type: ignore[arg-type]
    assert imagined("Why?", model) == ""  # type: ignore[arg-type]
