"""Writes a llama of a few thousand random weights as GGUF, for servers that run such files.

usage: python tiny_gguf.py FILE [SEED]

Runs by itself, with the Python that has the server: needs the packages gguf and numpy alone.
"""

from __future__ import annotations

import sys

import gguf
import numpy as np

_WIDTH, _LAYERS, _HEADS, _INNER, _CONTEXT = 64, 2, 4, 128, 4096
# As chat templates of llama have it, in as few words as do.
_TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


def main(path: str, seed: int = 7) -> None:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny-random")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_chat_template(_TEMPLATE)
    size = _add_vocabulary(writer)
    _add_weights(writer, size, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_vocabulary(writer: gguf.GGUFWriter) -> int:
    """Every byte, and every printable sign of ASCII as a piece of its own."""
    kinds = gguf.TokenType
    tokens = [("<unk>", kinds.UNKNOWN), ("<s>", kinds.CONTROL), ("</s>", kinds.CONTROL)]
    tokens += [(f"<0x{byte:02X}>", kinds.BYTE) for byte in range(256)]
    tokens += [("▁" if byte == 32 else chr(byte), kinds.NORMAL) for byte in range(32, 127)]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token for token, _ in tokens])
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([int(kind) for _, kind in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    return len(tokens)


def _add_weights(writer: gguf.GGUFWriter, size: int, chance: np.random.Generator) -> None:
    def add(name: str, *shape: int) -> None:
        writer.add_tensor(name, (chance.standard_normal(shape) * 0.4).astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(_WIDTH, dtype=np.float32))

    add("token_embd.weight", size, _WIDTH)
    for layer in range(_LAYERS):
        head = f"blk.{layer}."
        ones(f"{head}attn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(f"{head}{part}.weight", _WIDTH, _WIDTH)
        ones(f"{head}ffn_norm.weight")
        add(f"{head}ffn_gate.weight", _INNER, _WIDTH)
        add(f"{head}ffn_up.weight", _INNER, _WIDTH)
        add(f"{head}ffn_down.weight", _WIDTH, _INNER)
    ones("output_norm.weight")
    add("output.weight", size, _WIDTH)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
