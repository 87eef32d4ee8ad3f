#!/usr/bin/env python3
"""Writes the reference vectors of the model tests, with the official implementation in f32.

  generate_model_goldens.py small                  -> tests/data/models/<name>/
  generate_model_goldens.py minilm MODEL_FOLDER    -> tests/data/minilm_goldens.bin.zst

`small`: random BERT models that differ in all a loader has to get right, each with
goldens.json: the record expected from its files, and the vectors of some token sequences.
`minilm`: all-MiniLM-L6-v2 on 200 pieces of this repository's own sources. The file holds, before
compression, little-endian: u32 sequences, u32 dimension, then per sequence u32 length, u16 ids,
f32 vector (mean over the tokens, normalised).

Needs torch, transformers, safetensors and, for `minilm`, tokenizers and the zstd program.
"""
import json
import pathlib
import random
import struct
import subprocess
import sys

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"

SMALL = {
    # Every file that sentence-transformers writes, prompts, unused pooler.
    "mean_gelu": dict(
        hidden=32, layers=2, heads=4, inner=48, vocab=97, positions=40, act="gelu",
        dtype=torch.float32, pooling="mean", normalize=True, max_seq_length=30,
        prompts={"query": "find code: ", "passage": "code: "}, pooler=True),
    # `bert.` prefix, the old LayerNorm names, CLS, raw vectors, a head size of 12.
    "cls_gelu_new": dict(
        hidden=36, layers=1, heads=3, inner=40, vocab=61, positions=24, act="gelu_new",
        dtype=torch.bfloat16, pooling="cls", normalize=False, max_seq_length=None,
        model_max_length=1000000000000000019884624838656, prefix="bert.", old_norm_names=True),
    # Two shards, f16, an old-style subfolder for the transformer, newer pooling config.
    "mean_relu_sharded": dict(
        hidden=40, layers=2, heads=2, inner=56, vocab=85, positions=33, act="relu",
        dtype=torch.float16, pooling="mean", normalize=False, max_seq_length=512, shards=2,
        subfolder="0_Transformer", new_pooling_config=True),
    # No modules.json: mean pooling and normalisation are assumed.
    "plain_silu": dict(
        hidden=24, layers=1, heads=4, inner=32, vocab=50, positions=20, act="silu",
        dtype=torch.float32, pooling="mean", normalize=True, max_seq_length=None,
        model_max_length=16, modules=False),
}


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def random_model(spec, seed):
    """Weights large enough that attention and activations are far from linear."""
    torch.manual_seed(seed)
    config = BertConfig(
        hidden_size=spec["hidden"], num_hidden_layers=spec["layers"],
        num_attention_heads=spec["heads"], intermediate_size=spec["inner"],
        vocab_size=spec["vocab"], max_position_embeddings=spec["positions"],
        type_vocab_size=2, hidden_act=spec["act"], layer_norm_eps=1e-12)
    model = BertModel(config, add_pooling_layer=spec.get("pooler", False)).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "LayerNorm.weight" in name:
                p.copy_(1 + 0.2 * torch.randn_like(p))
            elif p.dim() == 1:
                p.copy_(0.2 * torch.randn_like(p))
            else:
                p.copy_(torch.randn_like(p) * (1.5 / p.shape[1] ** 0.5))
            p.copy_(p.to(spec["dtype"]).to(torch.float32))  # what the file can hold
    return config, model


def save_weights(folder, spec, model):
    tensors = {}
    for name, p in model.state_dict().items():
        if not p.is_floating_point():
            continue
        if spec.get("old_norm_names"):
            name = name.replace("LayerNorm.weight", "LayerNorm.gamma")
            name = name.replace("LayerNorm.bias", "LayerNorm.beta")
        tensors[spec.get("prefix", "") + name] = p.to(spec["dtype"]).contiguous()
    tensors[spec.get("prefix", "") + "embeddings.position_ids"] = torch.arange(
        spec["positions"]).unsqueeze(0)
    shards = spec.get("shards", 1)
    if shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    weight_map = {}
    for i in range(shards):
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        part = dict(list(tensors.items())[i::shards])
        save_file(part, folder / file, metadata={"format": "pt"})
        weight_map.update({name: file for name in part})
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": weight_map})


def save_settings(folder, transformer, spec, config):
    kept = ["hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
            "vocab_size", "max_position_embeddings", "type_vocab_size", "hidden_act",
            "layer_norm_eps"]
    values = config.to_dict()
    write_json(transformer / "config.json",
               {"architectures": ["BertModel"], "model_type": "bert",
                **{key: values[key] for key in kept}})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = special + [f"w{i}" for i in range(spec["vocab"] - len(special))]
    (transformer / "vocab.txt").write_text("\n".join(words) + "\n")
    write_json(transformer / "tokenizer_config.json",
               {"do_lower_case": True, "model_max_length": spec.get("model_max_length", 512)})
    if spec["max_seq_length"] is not None:
        write_json(transformer / "sentence_bert_config.json",
                   {"max_seq_length": spec["max_seq_length"], "do_lower_case": False})
    if not spec.get("modules", True):
        return
    kinds = ["Transformer", "Pooling"] + ["Normalize"] * spec["normalize"]
    paths = [spec.get("subfolder", ""), "1_Pooling", "2_Normalize"]
    write_json(folder / "modules.json",
               [{"idx": i, "name": str(i), "path": paths[i],
                 "type": f"sentence_transformers.models.{kind}"} for i, kind in enumerate(kinds)])
    modes = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}
    pooling = {"word_embedding_dimension": spec["hidden"], "include_prompt": True}
    if spec.get("new_pooling_config"):
        pooling["pooling_mode"] = spec["pooling"]
    else:
        for mode, flag in modes.items():
            pooling[flag] = mode == spec["pooling"]
        pooling["pooling_mode_max_tokens"] = False
    write_json(folder / "1_Pooling" / "config.json", pooling)
    if "prompts" in spec:
        write_json(folder / "config_sentence_transformers.json",
                   {"prompts": spec["prompts"], "default_prompt_name": None})


def embed(model, ids, pooling, normalize):
    with torch.no_grad():
        states = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    vector = states[0] if pooling == "cls" else states.mean(dim=0)
    return torch.nn.functional.normalize(vector, dim=0) if normalize else vector


def generate_small():
    rng = random.Random(1)
    for seed, (name, spec) in enumerate(SMALL.items()):
        folder = DATA / "models" / name
        transformer = folder / spec.get("subfolder", "")
        transformer.mkdir(parents=True, exist_ok=True)
        config, model = random_model(spec, seed)
        save_weights(transformer, spec, model)
        save_settings(folder, transformer, spec, config)
        lengths = [1, 2, 3, 5, 8, 13, spec["positions"] - 1, spec["positions"]]
        cases = []
        for length in lengths:
            ids = [rng.randrange(spec["vocab"]) for _ in range(length)]
            vector = embed(model, ids, spec["pooling"], spec["normalize"])
            cases.append({"ids": ids, "vector": [float(f"{v:.9g}") for v in vector.tolist()]})
        limit = spec["max_seq_length"] or min(spec.get("model_max_length", 512), 512)
        prompts = spec.get("prompts", {})
        (folder / "goldens.json").write_text(json.dumps({
            "record": {"pooling": spec["pooling"], "normalize": spec["normalize"],
                       "max_length": min(limit, spec["positions"]), "dimension": spec["hidden"],
                       "query_prompt": prompts.get("query", ""),
                       "document_prompt": prompts.get("passage", "")},
            "cases": cases}) + "\n")


def source_pieces(tokenizer, count):
    """Pieces of this repository's files, from the empty text to the model's limit."""
    rng = random.Random(7)
    text = "\n".join(p.read_text() for p in sorted((ROOT / "src").rglob("*"))
                     if p.suffix in (".cc", ".h", ".inl", ".txt"))
    lines = text.split("\n")
    yield tokenizer.encode("").ids
    for i in range(1, count):
        limit = 3 + i * 253 // (count - 1)
        start = rng.randrange(len(lines) - 200)
        yield tokenizer.encode("\n".join(lines[start:start + 200])).ids[:limit - 1] + [102]


def generate_minilm(folder):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = BertModel.from_pretrained(folder, dtype=torch.float32).eval()
    count = 200
    out = bytearray(struct.pack("<II", count, model.config.hidden_size))
    for ids in source_pieces(tokenizer, count):
        vector = embed(model, ids, "mean", True)
        out += struct.pack("<I", len(ids)) + struct.pack(f"<{len(ids)}H", *ids)
        out += struct.pack(f"<{len(vector)}f", *vector.tolist())
    subprocess.run(["zstd", "-19", "-f", "-q", f"--stream-size={len(out)}", "-o", str(DATA / "minilm_goldens.bin.zst")],
                   input=bytes(out), check=True)


if __name__ == "__main__":
    DATA.mkdir(parents=True, exist_ok=True)
    if sys.argv[1:] == ["small"]:
        generate_small()
    elif len(sys.argv) == 3 and sys.argv[1] == "minilm":
        generate_minilm(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
