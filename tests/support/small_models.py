"""Sentence-transformers folders with a few random weights: real files, made in milliseconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

HIDDEN, HEADS, LAYERS, INNER, POSITIONS = 32, 4, 2, 64, 40
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)] + ["가", "나", "다", ".", ":", "1", "2"]
WORDS = ["leave", "annual", "days", "policy", "query", "passage", "the", "of"]
SPECIAL = {"bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "xlm-roberta": ["<s>", "<pad>", "</s>", "<unk>"]}


def make_model(
    folder: Path,
    kind: str = "bert",
    *,
    pooling: str = "mean_tokens",
    normalise: bool = True,
    dtype: type[np.floating[Any]] = np.float32,
    prefix: str = "",
    prompts: dict[str, str] | None = None,
    seed: int = 0,
    **config: Any,
) -> Path:
    """Write a model of `kind` ("bert" or "xlm-roberta") into `folder`; `config` adds to its config.json."""
    vocabulary = [*SPECIAL[kind], *WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    folder.mkdir(parents=True, exist_ok=True)
    weights = _weights(len(vocabulary), np.random.default_rng(seed))
    save_file(
        {prefix + name: array.astype(dtype) for name, array in weights.items()}, folder / "model.safetensors"
    )
    _tokenizer(kind, vocabulary).save(str(folder / "tokenizer.json"))
    files = {
        "config.json": _config(kind, len(vocabulary)) | config,
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 30}
        | ({"pad_token": "[PAD]"} if kind == "bert" else {"pad_token": "<pad>"}),
        "modules.json": [
            {"idx": idx, "name": str(idx), "path": path, "type": f"sentence_transformers.models.{name}"}
            for idx, (path, name) in enumerate(
                [("", "Transformer"), ("1_Pooling", "Pooling"), *([("2_Normalize", "Normalize")] * normalise)]
            )
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": HIDDEN, f"pooling_mode_{pooling}": True}
        | ({} if pooling == "mean_tokens" else {"pooling_mode_mean_tokens": False}),
        "config_sentence_transformers.json": {"prompts": prompts or {}},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def _config(kind: str, words: int) -> dict[str, Any]:
    return {
        "model_type": kind,
        "architectures": ["BertModel" if kind == "bert" else "XLMRobertaModel"],
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
        "max_position_embeddings": POSITIONS,
        "pad_token_id": SPECIAL[kind].index("[PAD]" if kind == "bert" else "<pad>"),
        "type_vocab_size": 2,
        "vocab_size": words,
    }


def _weights(words: int, random: np.random.Generator) -> dict[str, Any]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (words, HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "embeddings.LayerNorm": (HIDDEN,),
    }
    for layer in (f"encoder.layer.{number}." for number in range(LAYERS)):
        parts = [
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
        ]
        shapes |= {f"{layer}{part}": (HIDDEN, HIDDEN) for part in parts}
        shapes |= {f"{layer}intermediate.dense": (INNER, HIDDEN), f"{layer}output.dense": (HIDDEN, INNER)}
        shapes |= {f"{layer}{part}.LayerNorm": (HIDDEN,) for part in ("attention.output", "output")}
    weights = {}
    for name, shape in shapes.items():
        if name.endswith(".weight"):
            weights[name] = random.normal(size=shape)
        else:
            weights[f"{name}.weight"] = random.normal(size=shape) * 0.3
            weights[f"{name}.bias"] = random.normal(size=shape[0]) * 0.3
    return weights


def _tokenizer(kind: str, vocabulary: list[str]) -> Tokenizer:
    first, last = ("[CLS]", "[SEP]") if kind == "bert" else ("<s>", "</s>")
    unknown = "[UNK]" if kind == "bert" else "<unk>"
    numbers = {word: number for number, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token=unknown))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single=f"{first} $A {last}", special_tokens=[(first, numbers[first]), (last, numbers[last])]
    )
    tokenizer.enable_truncation(10)  # as published files often have it; a reader must not fall for it
    return tokenizer
