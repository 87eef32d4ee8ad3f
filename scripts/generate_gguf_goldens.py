#!/usr/bin/env python3
"""GGUF test data, written and dequantised by the format's own Python package.

  generate_gguf_goldens.py blocks
      tests/data/gguf/blocks.gguf: random blocks of every type that can be read, and of one that
      cannot; blocks.safetensors: the same tensors as f32.
  generate_gguf_goldens.py twins
      tests/data/gguf/<model>/model.gguf: twins of models in tests/data/models.
  generate_gguf_goldens.py seeds
      tests/fuzz/corpus/fuzz_gguf: small files for the fuzzer to start from.
  generate_gguf_goldens.py twin FOLDER OUT.gguf [TYPE] [plain]
      A twin of a folder with model.safetensors and vocab.txt. TYPE (F32) is that of matrices whose
      rows it fits; `plain` keeps the vocabulary as vocab.txt spells it.

Needs gguf, numpy, torch and safetensors.
"""

import json
import pathlib
import sys

import gguf
import numpy as np
from safetensors.numpy import save_file
from safetensors.torch import load_file

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
DATA = TESTS / "data"
SEEDS = TESTS / "fuzz" / "corpus" / "fuzz_gguf"
TYPES = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"]
UNREADABLE = "Q2_K"
# Where the f16 scales of a block stand, in bytes.
SCALES = {"Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q4_K": [0, 2],
          "Q5_K": [0, 2], "Q6_K": [208], "Q2_K": [80, 82]}
# A scale that is subnormal, one that is negative, zero, and ordinary ones.
SCALE_VALUES = np.array([6e-8, -0.037, 0.0, 0.0123, 1.5, -211.0], dtype=np.float16)

TWINS = {"nomic_cls": ("nomic_cls", "F16", False), "mean_gelu": ("mean_gelu", "F32", True),
         "mean_gelu_q8_0": ("mean_gelu", "Q8_0", False)}

NOMIC_NAMES = {
    "embeddings.word_embeddings": "token_embd", "embeddings.token_type_embeddings": "token_types",
    "emb_ln": "token_embd_norm", "attn.Wqkv": "attn_qkv", "attn.out_proj": "attn_output",
    "norm1": "attn_output_norm", "mlp.fc11": "ffn_up", "mlp.fc12": "ffn_gate",
    "mlp.fc2": "ffn_down", "norm2": "layer_output_norm"}
BERT_NAMES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm", "attention.self.query": "attn_q",
    "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm"}
CONTROL = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}


def random_blocks(name, rows, blocks, rng):
    """Bytes [rows, blocks * block size] of a type."""
    kind = gguf.GGMLQuantizationType[name]
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    if elements == 1:
        values = rng.standard_normal((rows, blocks)).astype(np.float32)
        return np.ascontiguousarray(gguf.quants.quantize(values, kind)).view(np.uint8)
    data = rng.integers(0, 256, (rows, blocks, size), dtype=np.uint8)
    for at in SCALES[name]:
        scales = rng.choice(SCALE_VALUES, (rows, blocks, 1))
        data[:, :, at:at + 2] = scales.view(np.uint8)
    return data.reshape(rows, -1)


def generate_blocks():
    expected = write_blocks(DATA / "gguf" / "blocks.gguf", 2, 3, 5)
    save_file(expected, DATA / "gguf" / "blocks.safetensors")


def generate_seeds():
    write_blocks(SEEDS / "blocks.gguf", 1, 1, 1)
    rng = np.random.default_rng(6)
    for architecture in ("bert", "nomic-bert"):
        nomic = architecture == "nomic-bert"
        writer = gguf.GGUFWriter(SEEDS / f"{architecture}.gguf", architecture)
        writer.add_name("seed")
        if nomic:
            add_nomic(writer, {"n_positions": 16, "max_trained_positions": 16, "n_embd": 4,
                               "n_inner": 4, "n_layer": 1, "n_head": 2,
                               "layer_norm_epsilon": 1e-12, "rotary_emb_base": 1000})
        else:
            add_bert(writer, {"max_position_embeddings": 8, "hidden_size": 4,
                              "intermediate_size": 4, "num_hidden_layers": 1,
                              "num_attention_heads": 2, "layer_norm_eps": 1e-12})
        writer.add_pooling_type(gguf.PoolingType.CLS)
        write_tokens(writer, sorted(CONTROL) + ["a", "##a", "b"], not nomic)
        for name in (NOMIC_NAMES if nomic else BERT_NAMES).values():
            layer = "blk.0." if name.startswith(("attn", "ffn", "layer")) else ""
            values = rng.standard_normal((3, 4)).astype(np.float32)
            writer.add_tensor(f"{layer}{name}.weight", values)
        finish(writer)


def write_blocks(path, rows, large, small):
    """A tensor a type: rows of so many large (256 elements) or small blocks, and them as f32."""
    rng = np.random.default_rng(5)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(path, "blocks")
    expected = {}
    for name in TYPES + [UNREADABLE]:
        kind = gguf.GGMLQuantizationType[name]
        blocks = large if gguf.GGML_QUANT_SIZES[kind][0] == 256 else small
        data = random_blocks(name, rows, blocks, rng)
        writer.add_tensor(name, data, raw_dtype=kind)
        if name != UNREADABLE:
            expected[name] = np.ascontiguousarray(gguf.quants.dequantize(data, kind))
    finish(writer)
    return expected


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_name(name, names):
    stem, suffix = name.removeprefix("bert.").rsplit(".", 1)
    for layers in ("encoder.layers.", "encoder.layer."):
        if stem.startswith(layers):
            number, stem = stem[len(layers):].split(".", 1)
            return f"blk.{number}.{names[stem]}.{suffix}"
    return f"{names[stem]}.{suffix}" if stem in names else None


def add_tensors(writer, folder, names, kind):
    for name, tensor in load_file(folder / "model.safetensors").items():
        target = gguf_name(name, names)
        if target is None:
            continue  # a pooler or a table of positions
        values = tensor.float().numpy()
        elements = gguf.GGML_QUANT_SIZES[kind][0]
        fits = values.ndim == 2 and values.shape[1] % elements == 0
        used = kind if fits else gguf.GGMLQuantizationType.F32
        writer.add_tensor(target, gguf.quants.quantize(values, used), raw_dtype=used)


def add_vocabulary(writer, folder, plain):
    write_tokens(writer, (folder / "vocab.txt").read_text().splitlines(), plain)


def write_tokens(writer, tokens, plain):
    types = [3 if token in CONTROL else 1 for token in tokens]

    def phantom(token):
        if plain or token in CONTROL:
            return token
        return token[2:] if token.startswith("##") else "\u2581" + token

    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("jina-v2-en")
    writer.add_token_list([phantom(token) for token in tokens])
    writer.add_token_types(types)
    writer.add_token_type_count(2)
    writer.add_unk_token_id(tokens.index("[UNK]"))
    writer.add_sep_token_id(tokens.index("[SEP]"))
    writer.add_pad_token_id(tokens.index("[PAD]"))
    # Files from before 2025 have a key of its own for [CLS].
    writer.add_uint32("tokenizer.ggml.cls_token_id" if plain else "tokenizer.ggml.bos_token_id",
                      tokens.index("[CLS]"))
    writer.add_mask_token_id(tokens.index("[MASK]"))


def add_nomic(writer, config):
    writer.add_context_length(min(config["n_positions"], config["max_trained_positions"]))
    writer.add_embedding_length(config["n_embd"])
    writer.add_feed_forward_length(config["n_inner"])
    writer.add_block_count(config["n_layer"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    writer.add_rope_freq_base(config["rotary_emb_base"])


def add_bert(writer, config):
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])


def generate_twin(folder, out, type_name, plain):
    config = json.loads((folder / "config.json").read_text())
    nomic = config["model_type"] == "nomic_bert"
    out.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(out, "nomic-bert" if nomic else "bert")
    writer.add_name(folder.name)
    (add_nomic if nomic else add_bert)(writer, config)
    writer.add_causal_attention(False)
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text())
    cls = pooling.get("pooling_mode_cls_token") or pooling.get("pooling_mode") == "cls"
    writer.add_pooling_type(gguf.PoolingType.CLS if cls else gguf.PoolingType.MEAN)
    add_vocabulary(writer, folder, plain)
    add_tensors(writer, folder, NOMIC_NAMES if nomic else BERT_NAMES,
                gguf.GGMLQuantizationType[type_name])
    finish(writer)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments == ["blocks"]:
        generate_blocks()
    elif arguments == ["seeds"]:
        SEEDS.mkdir(parents=True, exist_ok=True)
        generate_seeds()
    elif arguments == ["twins"]:
        for twin, (model, kind_name, is_plain) in TWINS.items():
            generate_twin(DATA / "models" / model, DATA / "gguf" / twin / "model.gguf", kind_name,
                          is_plain)
    elif len(arguments) >= 3 and arguments[0] == "twin":
        options = arguments[3:]
        generate_twin(pathlib.Path(arguments[1]), pathlib.Path(arguments[2]),
                      next((o for o in options if o != "plain"), "F32"), "plain" in options)
    else:
        sys.exit(__doc__)
