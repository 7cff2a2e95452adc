"""The keyword indexes keep the contract, and what is theirs alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from support.keyword_contract import TEXTS, KeywordIndexContract, found

from app.config import Settings
from app.errors import CollectionBusyError, CollectionDamagedError, CollectionError
from vectorstore.base import Place
from vectorstore.keywords import KEYWORDS, keywords_for
from vectorstore.keywords.fields import matched
from vectorstore.keywords.tantivy import TantivyIndex


class TestTantivy(KeywordIndexContract):
    backend = "tantivy"

    def test_a_reader_takes_no_lock_and_sees_new_commits_after_reload(self, index: TantivyIndex) -> None:
        reader = TantivyIndex(Place(index.folder.parent), read_only=True)
        index.upsert(["new"], ["fresh"], [{}])
        before = found(reader, "fresh")
        reader.reload()

        assert before == []
        assert found(reader, "fresh") == ["new"]
        reader.close()

    def test_a_second_writer_is_told_that_the_index_is_busy(self, index: TantivyIndex) -> None:
        with pytest.raises(CollectionBusyError, match="keyword"):
            TantivyIndex(Place(index.folder.parent))

    def test_close_frees_the_lock_and_ends_writing(self, index: TantivyIndex) -> None:
        index.close()
        index.close()

        with pytest.raises(CollectionError, match="not open for writing"):
            index.delete(["leave"])
        TantivyIndex(Place(index.folder.parent)).close()

    def test_a_missing_index_is_damage_to_a_reader(self, tmp_path: Path) -> None:
        with pytest.raises(CollectionDamagedError, match="--rebuild"):
            TantivyIndex(Place(tmp_path / "nothing"), read_only=True)

    @pytest.mark.parametrize("victim", ["meta.json", "*.term", "*.idx"])
    @pytest.mark.parametrize("read_only", [True, False])
    def test_a_broken_index_is_named_with_its_cure(
        self, index: TantivyIndex, tmp_path: Path, victim: str, read_only: bool
    ) -> None:
        broken = tmp_path / "broken" / "keyword"
        index.close()
        shutil.copytree(index.folder, broken)
        for file in broken.glob(victim):
            file.write_bytes(b"{")

        with pytest.raises(CollectionDamagedError, match="--rebuild"):
            TantivyIndex(Place(broken.parent), read_only=read_only).search("annual", 3)

    def test_an_index_of_other_tokens_must_be_rebuilt(self, tmp_path: Path) -> None:
        import tantivy

        folder = tmp_path / "keyword"
        folder.mkdir()
        tantivy.Index(tantivy.SchemaBuilder().add_text_field("text").build(), path=str(folder))

        with pytest.raises(CollectionDamagedError, match="--rebuild"):
            TantivyIndex(Place(tmp_path))


def test_every_keyword_index_keeps_the_contract() -> None:
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    tested = re.findall(r"^class \w+\(Keyword\w*Contract\):\n    backend = \"(\w+)\"", text, re.MULTILINE)
    assert set(tested) == set(KEYWORDS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "tantivy"),
        ({"vector_backend": "pgvector"}, "postgres"),
        ({"vector_backend": "milvus"}, "tantivy"),
        ({"vector_backend": "milvus", "milvus_uri": "http://x:19530"}, "milvus"),
        ({"vector_backend": "qdrant", "qdrant_url": "http://x:6333"}, "qdrant"),
        ({"vector_backend": "chroma", "qdrant_url": "http://x:6333"}, "tantivy"),
        ({"vector_backend": "qdrant", "database_url": "postgresql://x/y"}, "postgres"),
        ({"vector_backend": "faiss", "database_url": "postgresql://x/y"}, "postgres"),
        ({"vector_backend": "pgvector", "keyword_backend": "tantivy"}, "tantivy"),
    ],
)
def test_words_are_kept_where_the_rest_is(given: dict[str, str], expected: str) -> None:
    assert keywords_for(Settings(**given)) == expected  # type: ignore[arg-type]


def test_matched_names_the_terms_of_the_query_that_a_text_holds() -> None:
    assert matched("When is travel approved by Kim?", TEXTS["travel"]) == ("travel", "approv")
