"""A sentence-transformers model as it lies on disk: its configuration, and its weights read in place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import ConfigurationError

ENCODERS = ("bert", "xlm-roberta", "roberta", "camembert")
POOLINGS = {"cls": "cls", "mean": "mean", "pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
E5_PROMPTS = {"query": "query: ", "document": "passage: "}
DTYPES: Mapping[str, type[np.generic]] = {"F32": np.float32, "F16": np.float16, "I64": np.int64}


@dataclass(frozen=True)
class ModelFolder:
    """What Docent must know of a model before it runs it.

    Attributes:
        path: the folder.
        name: the name that people know the model by.
        config: the encoder's `config.json`; empty where it is not in this folder.
        pooling: "mean" or "cls"; "" for anything else.
        max_tokens: the longest text, special tokens included.
        query_prompt, document_prompt: what the model wants to see before a question and a passage.
        plain: made of encoder, pooling and normalisation only.
    """

    path: Path
    name: str
    config: Mapping[str, Any]
    pooling: str
    normalised: bool
    max_tokens: int
    query_prompt: str
    document_prompt: str
    plain: bool

    @classmethod
    def read(cls, path: Path, name: str) -> ModelFolder:
        """Read the configuration files.

        Raises:
            ConfigurationError: the folder holds no model, or a file of it cannot be read.
        """
        config, modules = _json(path / "config.json"), _modules(path)
        if not config and not modules:
            raise ConfigurationError(
                f"{path} holds no embedding model: neither config.json nor modules.json can be read. "
                "Set DOCENT_EMBEDDING_MODEL to a sentence-transformers name or folder.",
                model=name,
            )
        query, document = _prompts(path, name)
        return cls(
            path=path,
            name=name,
            config=config,
            pooling=_pooling(path / modules.get("Pooling", "1_Pooling")),
            normalised="Normalize" in modules,
            max_tokens=_max_tokens(path, config),
            query_prompt=query,
            document_prompt=document,
            plain=_is_plain(path, modules),
        )

    @property
    def runs_on_onnx(self) -> bool:
        """Whether Docent's own encoder computes the same: a BERT family member with usual parts."""
        return (
            self.plain
            and bool(self.pooling)
            and self.config.get("model_type") in ENCODERS
            and self.config.get("hidden_act") == "gelu"
            and self.config.get("position_embedding_type", "absolute") == "absolute"
            and not self.config.get("is_decoder", False)
            and (self.path / "model.safetensors").is_file()
            and (self.path / "tokenizer.json").is_file()
        )


def sha256(path: Path) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_weights(path: Path) -> dict[str, NDArray[Any]]:
    """Arrays of a safetensors file by name, mapped and not copied; types numpy lacks are left out.

    Raises:
        ConfigurationError: the file is cut off or no safetensors file.
    """
    try:
        with path.open("rb") as file:
            start = 8 + int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(start - 8))
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=start)
        return {
            name: data[slice(*entry["data_offsets"])].view(DTYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()
            if entry.get("dtype") in DTYPES
        }
    except (OSError, ValueError, KeyError, OverflowError, MemoryError) as error:
        raise ConfigurationError(
            f"The weights of the embedding model, {path}, cannot be read: {error}. Download them again.",
            path=str(path),
        ) from error


def _json(path: Path) -> dict[str, Any]:
    """The object in a file; empty where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _modules(path: Path) -> dict[str, str]:
    """Class name -> folder of the model's parts, in their order."""
    try:
        listed = json.loads((path / "modules.json").read_text(encoding="utf-8"))
        return {str(module["type"]).rpartition(".")[2]: str(module["path"]) for module in listed}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _is_plain(path: Path, modules: Mapping[str, str]) -> bool:
    """Encoder, pooling and perhaps normalisation; nothing is done to the text before."""
    return (
        [*modules] in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
        and modules["Transformer"] == ""
        and not _json(path / "sentence_bert_config.json").get("do_lower_case")
    )


def _pooling(path: Path) -> str:
    config = _json(path / "config.json")
    if config.get("include_prompt") is False:
        return ""
    if mode := config.get("pooling_mode"):
        return POOLINGS.get(mode, "") if isinstance(mode, str) else ""
    modes = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    return POOLINGS.get(modes[0], "") if len(modes) == 1 else ""


def _max_tokens(path: Path, config: Mapping[str, Any]) -> int:
    """The smallest of what the files allow; a BERT has as many positions, a RoBERTa two fewer."""
    positions = int(config.get("max_position_embeddings", 512))
    if config.get("model_type") != "bert":
        positions -= int(config.get("pad_token_id") or 0) + 1
    wanted = _json(path / "sentence_bert_config.json").get("max_seq_length")
    tokenizer = _json(path / "tokenizer_config.json").get("model_max_length")
    return min(int(value) for value in (positions, wanted or tokenizer) if value)


def _prompts(path: Path, name: str) -> tuple[str, str]:
    config = _json(path / "config_sentence_transformers.json")
    prompts = {key: value for key, value in (config.get("prompts") or {}).items() if isinstance(value, str)}
    if not any(prompts.values()) and "e5" in name.lower().replace("/", "-").split("-"):
        prompts = E5_PROMPTS
    default = prompts.get(config.get("default_prompt_name") or "", "")
    document = next((prompts[key] for key in ("document", "passage", "corpus") if key in prompts), default)
    return prompts.get("query", default), document
