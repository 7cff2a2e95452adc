"""Reranking by a cross-encoder, which reads question and passage together: slow, and often right."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.errors import ConfigurationError

_PROBE_SECONDS = 5
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf", "*.ckpt", "*.mlmodel"]
_QUESTION_CHARACTERS = 2000
_LOAD_ERRORS = (OSError, ValueError, KeyError, RuntimeError, ImportError, TypeError, AttributeError)


class Reranker:
    """A CrossEncoder of sentence-transformers; loaded when it is first used, and shared between threads.

    Args:
        name: a folder, or a name on the model hub.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = None
        self._lock = threading.Lock()

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """How well each passage answers the question, in [0, 1].

        Raises:
            ConfigurationError: there is no such model, or it gives no single score.
        """
        if not passages:
            return []
        from torch.nn import Sigmoid

        pairs = [(question[:_QUESTION_CHARACTERS], passage) for passage in passages]
        with self._lock:
            if self._model is None:
                self._model = _load(self.name)
            scores = self._model.predict(pairs, activation_fn=Sigmoid(), show_progress_bar=False)
        return [float(score) for score in scores]


def _load(name: str) -> Any:
    path = _located(name)
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(str(path), local_files_only=True)
    except _LOAD_ERRORS as error:
        raise _unusable(name, f"it cannot be loaded from {path} ({_short(error)})") from error
    if model.num_labels != 1:
        raise _unusable(name, f"it gives {model.num_labels} scores for a pair; a reranker gives one")
    return model


def _located(name: str) -> Path:
    """The model's folder: as it is named, from the local cache, or from the hub if that answers soon."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
        raise _unusable(name, "there is no such folder, and a model on the hub is named owner/model")
    from huggingface_hub import HfApi, snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError):  # it is not in the cache, or this can be no name
        pass
    try:
        HfApi().model_info(name, timeout=_PROBE_SECONDS)
        return Path(snapshot_download(name, ignore_patterns=_NOT_NEEDED))
    except Exception as error:  # the hub's own errors and those of its HTTP library, which differ by version
        raise _unusable(
            name, f"it is not on this machine and the hub gives none ({type(error).__name__})"
        ) from error


def _unusable(name: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"DOCENT_RERANK_MODEL={name!r} cannot rerank: {why}. Name the folder of a CrossEncoder, check the "
        "name and the network, or leave the setting empty.",
        model=name,
    )


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
