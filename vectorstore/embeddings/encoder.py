"""BERT-like embedding models on onnxruntime: ready in half a second, without torch."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.errors import ConfigurationError
from vectorstore.base import Vectors
from vectorstore.embeddings.base import EmbeddingIdentity
from vectorstore.embeddings.folder import ModelFolder, read_weights
from vectorstore.embeddings.graph import INPUT, WORDS, EncoderGraph, find
from vectorstore.embeddings.windows import embed_whole, unit

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Few enough that a layer's activations stay in the processor's cache, enough to fill its arithmetic units.
TOKENS_PER_RUN = 1024


class OnnxEmbedding:
    """A folder whose `runs_on_onnx` is true.

    Args:
        folder: the model.
        weights: what identifies its weights, see `EmbeddingIdentity`.
        int8: compute in 8 bits: passages half again as fast, a single question twice as fast.

    Raises:
        ConfigurationError: the folder's files do not make a model.
    """

    def __init__(self, folder: ModelFolder, weights: str, int8: bool = False) -> None:
        self.max_tokens = folder.max_tokens
        self.dimension = int(folder.config["hidden_size"])
        self.identity = EmbeddingIdentity(
            model=folder.name,
            weights=weights,
            dimension=self.dimension,
            pooling=folder.pooling,
            normalised=folder.normalised,
            query_prompt=folder.query_prompt,
            document_prompt=folder.document_prompt,
            precision="int8" if int8 else "float32",
        )
        self._folder = folder
        self._tokenizer = _load_tokenizer(folder)
        self._int8 = int8
        _built(folder, int8)  # a broken model is found now, not in the middle of an ingest
        self._loaded: _Session | None = None
        self._lock = threading.Lock()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return list(map(len, self._tokenize(texts, self.identity.document_prompt)))

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self.identity.document_prompt)

    def embed_query(self, text: str) -> Vectors:
        return np.asarray(self._embed([text], self.identity.query_prompt)[0])

    def _session(self) -> _Session:
        """Made when first needed: counting tokens needs none."""
        with self._lock:
            if self._loaded is None:
                self._loaded = _Session(self._folder, self._int8)
            return self._loaded

    def _embed(self, texts: Sequence[str], prompt: str) -> Vectors:
        tokens = self._tokenize(texts, prompt)
        if max(map(len, tokens), default=0) <= self.max_tokens:
            return self._run(tokens)
        return embed_whole(
            texts,
            self.max_tokens,
            lambda parts: list(map(len, self._tokenize(parts, prompt))),
            lambda parts: self._run(self._tokenize(parts, prompt)),
        )

    def _tokenize(self, texts: Sequence[str], prompt: str) -> list[list[int]]:
        # A lone surrogate, as broken documents have them, is no text to the tokenizer.
        clean = [(prompt + text).encode("utf-8", "replace").decode() for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(clean)]

    def _run(self, tokens: Sequence[list[int]]) -> Vectors:
        """Texts of equal length go together, so that nothing is padded; each core takes the next run."""
        session = self._session()
        vectors = np.zeros((len(tokens), self.dimension), dtype=np.float32)
        runs = _runs(tokens, 1 if session.int8 else TOKENS_PER_RUN)

        def encode(rows: list[int]) -> None:
            vectors[rows] = self._pool(session([tokens[row] for row in rows]))

        workers = min(_cores(), len(runs))
        if workers < 2:
            for rows in runs:
                encode(rows)
        else:
            with ThreadPoolExecutor(workers, "embedding") as pool:
                list(pool.map(encode, runs))
        return unit(vectors)

    def _pool(self, hidden: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(hidden[:, 0] if self.identity.pooling == "cls" else hidden.mean(axis=1))


class _Session:
    """The encoder on one thread: tokens of equally long texts → hidden states (texts, tokens, dimension).

    An 8-bit session takes one text a run: all that share a run share the scale of its activations, and a
    vector must not depend on its neighbours.
    """

    def __init__(self, folder: ModelFolder, int8: bool) -> None:
        self.int8 = int8
        self._session, self._words = _load_session(folder, int8)

    def __call__(self, tokens: Sequence[list[int]]) -> NDArray[np.float32]:
        words = self._words[list(tokens)].astype(np.float32, copy=False)
        return np.asarray(self._session.run(None, {INPUT: words})[0])


def _runs(tokens: Sequence[list[int]], tokens_per_run: int) -> list[list[int]]:
    """Rows by equal length, longest first so that the cores finish together."""
    lengths: dict[int, list[int]] = defaultdict(list)
    for row, ids in enumerate(tokens):
        lengths[len(ids)].append(row)
    runs = []
    for length in sorted(lengths, reverse=True):
        rows, step = lengths[length], max(1, tokens_per_run // length)
        runs += [rows[start : start + step] for start in range(0, len(rows), step)]
    return runs


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _load_tokenizer(folder: ModelFolder) -> Tokenizer:
    from tokenizers import Tokenizer

    path = folder.path / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the Rust side raises nothing narrower
        raise ConfigurationError(
            f"The tokenizer of the embedding model, {path}, cannot be read: {error}", path=str(path)
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _built(folder: ModelFolder, int8: bool) -> tuple[EncoderGraph, bytes, NDArray[Any]]:
    """The graph, its serialised model, and the table of word vectors, mapped from the file.

    Raises:
        ConfigurationError: the folder's files do not make a model.
    """
    file = folder.path / "model.safetensors"
    graph = EncoderGraph(folder.config, read_weights(file), int8)
    try:
        words = find(read_weights(file), WORDS)  # a mapping of its own: the other one goes with the graph
        return graph, graph.build(), words
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            f"The embedding model {folder.name!r} cannot be run on onnxruntime ({error}). "
            "Set DOCENT_EMBEDDING_RUNTIME=torch.",
            model=folder.name,
        ) from error


def _load_session(folder: ModelFolder, int8: bool) -> tuple[Any, NDArray[Any]]:
    """The session, which copies what it needs, and the table of word vectors."""
    import onnxruntime

    graph, model, words = _built(folder, int8)
    options = onnxruntime.SessionOptions()
    # One thread a run: runs side by side need not wait for each other after every operator.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in graph.arrays.values()]
    options.add_external_initializers(list(graph.arrays), values)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]), words
