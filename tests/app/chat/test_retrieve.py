"""Hybrid search over a real keyword index: weights, fusion, blind models, filters, hostile text."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.chat.relevance import relevant
from app.chat.retrieve import Searcher
from app.chat.retrieve.fusion import dense_shares, fuse, keyword_shares
from app.chat.retrieve.readability import Readability
from app.config import Settings
from app.schemas import Chunk, Hit
from ingest.catalog import FileRecord
from vectorstore.base import Filter, Place, Scored, Vectors
from vectorstore.embeddings.base import EmbeddingIdentity
from vectorstore.keywords.tantivy import TantivyIndex

TEXTS = {
    "leave": "Employees take 15 days of annual leave and report it to their manager.",
    "travel": "Travel expenses are paid within three days of the trip.",
    "holiday": "Staff may be absent for a vacation when the team agrees.",
    "korean": "연차휴가는 3일 전에 부서장에게 신청해야 한다.",
    "desk": "One RTX-4090 per desk.",
}
# Directions that mean something to the double below; "vacation" is near "leave" without sharing a word.
MEANING = {"leave": (1, 0), "vacation": (0.9, 0.1), "travel": (0, 1), "trip": (0, 1)}


class Model:
    """Reads English in words and Korean letter by letter, as all-MiniLM-L6-v2 does."""

    dimension = 2
    max_tokens = 256

    def __init__(self, name: str = "double", hangul: bool = False) -> None:
        self.identity = EmbeddingIdentity(name, "0", 2)
        self.hangul = hangul
        self.asked: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        spelled = [0 if self.hangul else 2 * sum("가" <= sign <= "힣" for sign in text) for text in texts]
        return [2 + len(text.split()) + letters for text, letters in zip(texts, spelled, strict=True)]

    def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        total = np.sum([MEANING.get(word, (0.1, 0.1)) for word in text.lower().split()], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        raise AssertionError("a search embeds no document")


class Shelf:
    """A collection of the texts above: a real keyword index, and vectors in memory."""

    def __init__(self, folder: Path, model: Model) -> None:
        self.keywords = TantivyIndex(Place(folder))
        self.keywords.upsert(
            list(TEXTS), list(TEXTS.values()), [{"file_id": f"id of {id_}"} for id_ in TEXTS]
        )
        self.vectors = {id_: model.embed_query(text.replace(".", "")) for id_, text in TEXTS.items()}
        self.gone: set[str] = set()

    def dense(self, vector: Vectors, k: int, where: Filter | None = None) -> list[Scored]:
        scored = [Scored(id_, float(vector @ one)) for id_, one in self.vectors.items()]
        kept = [one for one in scored if not where or f"id of {one.id}" in where["file_id"]]
        return sorted(kept, key=lambda one: -one.score)[:k]

    def keyword(self, text: str, k: int, where: Filter | None = None) -> list[Scored]:
        return self.keywords.search(text, k, where)

    def matched(self, text: str, chunk_text: str) -> tuple[str, ...]:
        return self.keywords.matched(text, chunk_text)

    def check_filled(self) -> None:
        pass

    def records(self) -> list[FileRecord]:
        return [
            FileRecord(f"id of {id_}", f"/docs/{id_}.pdf", "/docs", f"{id_}.pdf", 1, 0, 0, "")
            for id_ in TEXTS
        ]

    def weights(self, text: str) -> dict[str, float]:
        return self.keywords.weights(text)

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        return {id_: _chunk(id_) for id_ in ids if id_ not in self.gone}


def _chunk(id_: str) -> Chunk:
    return Chunk(id_, f"document of {id_}", TEXTS[id_], 0, 7, ("Rules",), "Handbook", f"{id_}.pdf")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def shelf(tmp_path: Path, model: Model) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "keyword", model)
    model.asked.clear()
    yield shelf
    shelf.keywords.close()


def searcher(shelf: Shelf, model: Model, **settings: object) -> Searcher:
    return Searcher(shelf, lambda: model, Settings(**settings))  # type: ignore[arg-type]


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.id for hit in hits]


def test_chunks_that_the_catalogue_does_not_know_crowd_out_no_hit(shelf: Shelf, model: Model) -> None:
    before = ids(searcher(shelf, model, search_pool=10).search("annual leave", 3))
    unknown = [f"unknown {number}" for number in range(200)]
    shelf.keywords.upsert(unknown, ["Annual leave."] * 200, [{}] * 200)
    shelf.vectors |= dict.fromkeys(unknown, model.embed_query("annual leave"))
    shelf.gone.update(unknown)
    assert sorted(ids(searcher(shelf, model, search_pool=10).search("annual leave", 3))) == sorted(before)


def test_both_sides_bring_hits_and_their_scores(shelf: Shelf, model: Model) -> None:
    hits = searcher(shelf, model).search("annual leave", 5)

    assert ids(hits)[:2] == ["leave", "holiday"]
    assert hits[0].dense is not None and hits[0].keyword is not None
    assert hits[1].dense is not None and hits[1].keyword is None
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(1 >= one.score >= other.score >= 0 for one, other in pairwise(hits))


def test_a_query_that_the_model_cannot_read_is_not_embedded(shelf: Shelf, model: Model) -> None:
    hits = searcher(shelf, model).search("연차 휴가 신청은 언제까지?", 5)

    assert ids(hits) == ["korean"]
    assert hits[0].dense is None
    assert model.asked == []


def test_a_chunk_that_the_model_cannot_read_gets_no_vote(shelf: Shelf, model: Model) -> None:
    assert "korean" not in ids(searcher(shelf, model).search("unheard question", 5))


def test_a_model_that_reads_korean_votes_on_korean(shelf: Shelf) -> None:
    model = Model(hangul=True)
    found = searcher(shelf, model)

    assert found.dense_weight("연차 휴가 신청") == found.dense_weight("annual leave") > 0
    assert "korean" in ids(found.search("unheard question", 5))


def test_the_setting_overrides_the_weight(shelf: Shelf, model: Model) -> None:
    only_words = searcher(shelf, model, dense_weight=0.0).search("annual leave", 5)
    only_vectors = searcher(shelf, model, dense_weight=1.0).search("annual leave", 5)

    assert ids(only_words) == ["leave"]
    assert ids(only_vectors)[:2] == ["leave", "holiday"]
    assert all(hit.keyword is None for hit in only_vectors)
    assert searcher(shelf, model, dense_weight=0.3).dense_weight("연차") == 0.3


def test_a_filter_reaches_both_sides(shelf: Shelf, model: Model) -> None:
    hits = searcher(shelf, model).search("annual leave days", 5, {"source": "travel.pdf"})

    assert ids(hits) == ["travel"]


def test_a_chunk_that_was_deleted_meanwhile_is_left_out(shelf: Shelf, model: Model) -> None:
    shelf.gone = {"leave"}
    hits = searcher(shelf, model).search("annual leave", 5)

    assert "leave" not in ids(hits)
    assert hits[0].rank == 1


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "😀😀", "\x00"])
def test_a_text_without_a_word_finds_nothing(shelf: Shelf, model: Model, text: str) -> None:
    assert searcher(shelf, model).search(text, 5) == []
    assert model.asked == []


@pytest.mark.parametrize(
    "text", ["x", '"unbalanced (leave AND', "leave " * 20_000, "휴가 " * 30_000, "\ud800 leave"]
)
def test_hostile_text_is_searched_like_any_other(shelf: Shelf, model: Model, text: str) -> None:
    assert len(searcher(shelf, model).search(text, 3)) <= 3


def test_of_a_very_long_text_the_beginning_is_embedded(shelf: Shelf, model: Model) -> None:
    searcher(shelf, model).search("annual leave " * 9000, 3)
    assert [len(text) for text in model.asked] == [4000]


@pytest.mark.parametrize(("k", "expected"), [(0, 0), (-3, 0), (1, 1), (10_000, 4)])
def test_k_may_be_any_number(shelf: Shelf, model: Model, k: int, expected: int) -> None:
    assert len(searcher(shelf, model).search("leave travel", k)) == expected


def test_a_foreign_question_is_not_relevant_and_its_own_is(shelf: Shelf, model: Model) -> None:
    found = searcher(shelf, model, dense_weight=0.0)

    assert relevant(found.search("How many days of annual leave do employees take?", 5))
    assert relevant(found.search("연차휴가는 며칠 전에 신청하나요?", 5))
    assert not relevant(found.search("Which three planets orbit nearest the sun in astronomy?", 5))
    assert not relevant([])


def test_equal_scores_are_ordered_by_id() -> None:
    assert [one.id for one in fuse({"b": 0.5, "c": 0.9, "a": 0.5}, {}, 0.4)] == ["c", "a", "b"]


def test_a_single_poor_hit_is_not_blown_up() -> None:
    poor = keyword_shares([Scored("a", 1.0)], {"rare": 6.0, "rarer": 7.0})

    assert 0 < poor["a"] < 0.05


def test_dense_shares_do_not_depend_on_the_models_background() -> None:
    wide = dense_shares([Scored(str(n), 0.8 - 0.6 * n / 49) for n in range(50)])
    narrow = dense_shares([Scored(str(n), 0.95 - 0.15 * n / 49) for n in range(50)])

    assert wide["0"] == pytest.approx(0.75)
    assert narrow["0"] == pytest.approx(0.75)
    assert wide["49"] == pytest.approx(0.0)


def test_a_hit_among_few_keeps_its_share() -> None:
    assert dense_shares([Scored("only", 0.7)])["only"] > 0.65
    assert dense_shares([]) == {}
    assert dense_shares([Scored("same", 1.0)] * 50) == {"same": pytest.approx(1.0)}


def test_every_share_lies_between_0_and_1() -> None:
    shares = dense_shares([Scored("a", 1.0), Scored("b", 0.2), Scored("c", -0.4)])

    assert all(0 <= share <= 1 for share in shares.values())
    assert keyword_shares([Scored("a", 50.0)], {"x": 1.0}) == {"a": 1.0}
    assert keyword_shares([], {}) == {}


def test_of_a_passage_that_a_model_spells_out_half_is_embedded(model: Model) -> None:
    readability = Readability(model)
    assert readability.told("연차 휴가는 이월된다") == "연차 휴가는"
    for read in ("annual leave", "RTX-4090 is the card of 김", ""):
        assert readability.told(read) == read


def test_readability_follows_the_letters_of_a_text(model: Model) -> None:
    readability = Readability(model)

    assert readability.share("annual leave") == 1.0
    assert readability.share("연차 휴가") == 0.0
    assert 0 < readability.share("VPN 신청 방법") < 0.5
    assert readability.share("2026-11-21") == 1.0
    assert readability.reads("An English text • with a bullet")
    assert not readability.reads("연차휴가는 3일 전에 신청한다")


def test_a_model_behind_a_server_is_taken_to_read_everything() -> None:
    assert Readability(Model("openai:text-embedding-3-small")).reads_everything


def test_the_built_in_model_reads_english_and_not_korean() -> None:
    from vectorstore.embeddings import load_embedding_model

    readability = Readability(load_embedding_model(Settings()))

    assert readability.share("annual leave") == 1.0
    assert readability.share("연차 휴가") == 0.0


def test_the_retriever_gives_langchain_documents(shelf: Shelf, model: Model) -> None:
    from app.chat.retriever import DocentRetriever

    documents = DocentRetriever(searcher=searcher(shelf, model), k=1).invoke("annual leave")

    assert [document.page_content for document in documents] == [TEXTS["leave"]]
    assert documents[0].id == "leave"
    assert (
        documents[0].metadata.items()
        >= {
            "source": "leave.pdf",
            "page": 7,
            "title": "Handbook",
            "headings": ["Rules"],
            "chunk_id": "leave",
        }.items()
    )
    assert documents[0].metadata["score"] > 0


def test_searching_imports_no_langchain_and_no_torch() -> None:
    heavy = "{'langchain_core', 'torch', 'kiwipiepy'}"
    code = f"import sys, app.chat.retrieve; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
