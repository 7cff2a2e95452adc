"""A BERT or XLM-R encoder as an ONNX graph, written directly from its weights: no export, no second copy.

The graph names onnxruntime's fused operators, so nothing is left for its optimiser to find. The texts of
a run have one length: without padding there is no mask, no waste, and the same vector in every batch.
Its input are word vectors, not word numbers: their table, half of a small model and a gigabyte of a
multilingual one, stays mapped from disk and costs what is touched of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Seven bits of the eight: two products of full bytes would overflow the 16-bit sums of AVX2.
INT8_LEVELS = 63

Weights = Mapping[str, NDArray[Any]]

FUSED = "com.microsoft"
PREFIXES = ("", "bert.", "roberta.")
INPUT, OUTPUT = "word_vectors", "last_hidden_state"
WORDS = "embeddings.word_embeddings.weight"


@dataclass
class EncoderGraph:
    """Collects nodes and the weights they use; `build` makes the model and leaves the weights outside.

    Args:
        config: the model's `config.json`.
        weights: its arrays by name, with or without a prefix such as "bert.".
        int8: multiply 8-bit numbers: weights scaled once an output, activations once a run.
    """

    config: Mapping[str, Any]
    weights: Weights
    int8: bool = False
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    nodes: list[Any] = field(default_factory=list)

    def build(self) -> bytes:
        """The serialised model; what it needs beside it is in `arrays` afterwards.

        Raises:
            KeyError: a weight is missing.
        """
        from onnx import TensorProto, helper

        hidden = self._embeddings()
        for layer in range(self.config["num_hidden_layers"]):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.")
        self._node("Identity", [hidden], OUTPUT)
        starts = helper.make_tensor("first_position", TensorProto.INT64, [1], [self._first_position()])
        axis = helper.make_tensor("position_axis", TensorProto.INT64, [1], [0])
        graph = helper.make_graph(
            self.nodes,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["texts", "tokens", "hidden"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "tokens", "hidden"])],
            [starts, axis, *(_outside(name, array) for name, array in self.arrays.items())],
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
        return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())

    def _embeddings(self) -> str:
        """Words + positions, normalised. All tokens are of type 0, so that row is added to the positions."""
        part = "embeddings."
        positions = self._array(part + "position_embeddings.weight")
        kinds = self._array(part + "token_type_embeddings.weight")
        self.arrays["positions"] = positions + kinds[0]
        self._node("Shape", [INPUT], "length", start=1, end=2)
        self._node("Add", ["length", "first_position"], "last_position")
        self._node("Slice", ["positions", "first_position", "last_position", "position_axis"], "places")
        self._node("Add", [INPUT, "places"], "embedded")
        norm = [self._use(f"{part}LayerNorm.{name}") for name in ("weight", "bias")]
        return self._node("LayerNormalization", ["embedded", *norm], "hidden", axis=-1, epsilon=self._epsilon)

    def _layer(self, hidden: str, part: str) -> str:
        attention, inner = part + "attention.", part + "intermediate.dense"
        projected = [self._linear(hidden, f"{attention}self.{name}") for name in ("query", "key", "value")]
        heads = self.config["num_attention_heads"]
        seen = self._node("MultiHeadAttention", projected, attention + "seen", fused=True, num_heads=heads)
        attended = self._residual(seen, hidden, attention + "output.")
        active = self._node("Gelu", [self._linear(attended, inner)], part + "active", fused=True)
        return self._residual(active, attended, part + "output.")

    def _residual(self, value: str, skipped: str, part: str) -> str:
        """LayerNorm(skipped + linear(value)). The one operator for both is ten times as slow as these two."""
        added = self._node("Add", [self._linear(value, part + "dense"), skipped], part + "added")
        norm = [self._use(f"{part}LayerNorm.{name}") for name in ("weight", "bias")]
        return self._node(
            "LayerNormalization", [added, *norm], part + "normed", axis=-1, epsilon=self._epsilon
        )

    def _linear(self, value: str, part: str) -> str:
        """The weights are stored as (out, in), as PyTorch has them: transposed on use, not in memory."""
        bias = self._use(part + ".bias")
        if self.int8:
            return self._linear_int8(value, part, bias)
        inputs = [value, self._use(part + ".weight")]
        product = self._node("FusedMatMul", inputs, part + ".product", fused=True, transB=1)
        return self._node("Add", [product, bias], part + ".biased")

    def _linear_int8(self, value: str, part: str, bias: str) -> str:
        matrix = self._array(part + ".weight")
        scales = np.maximum(np.abs(matrix).max(axis=1), np.finfo(np.float32).tiny) / INT8_LEVELS
        self.arrays[part + ".int8"] = np.ascontiguousarray(
            np.rint(matrix / scales[:, None]).astype(np.int8).T
        )
        self.arrays[part + ".scales"] = scales
        no_zero_point = ""
        inputs = [value, part + ".int8", part + ".scales", no_zero_point, bias]
        return self._node("DynamicQuantizeMatMul", inputs, part + ".product", fused=True)

    def _node(
        self, operator: str, inputs: list[str], output: str, fused: bool = False, **attributes: Any
    ) -> str:
        from onnx import helper

        domain = FUSED if fused else ""
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def _use(self, name: str) -> str:
        self.arrays[name] = self._array(name)
        return name

    def _array(self, name: str) -> NDArray[np.float32]:
        """By name; 16-bit weights become 32-bit, 32-bit ones stay where they are."""
        return np.ascontiguousarray(find(self.weights, name), dtype=np.float32)

    @property
    def _epsilon(self) -> float:
        return float(self.config["layer_norm_eps"])

    def _first_position(self) -> int:
        """RoBERTa counts positions from behind the padding index."""
        return 0 if self.config["model_type"] == "bert" else int(self.config["pad_token_id"]) + 1


def find(weights: Weights, name: str) -> NDArray[Any]:
    """A weight by its plain name. Raises KeyError."""
    for prefix in PREFIXES:
        if prefix + name in weights:
            return weights[prefix + name]
    raise KeyError(name)


def _outside(name: str, array: NDArray[Any]) -> Any:
    """A tensor whose values are handed over in memory when the session is made."""
    from onnx import TensorProto, helper

    kind = helper.np_dtype_to_tensor_dtype(array.dtype)
    tensor = TensorProto(name=name, data_type=kind, dims=array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="memory")
    return tensor
