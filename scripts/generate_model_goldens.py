#!/usr/bin/env python3
"""Writes the reference vectors of the model tests, in f32.

  generate_model_goldens.py small                  -> tests/data/models/<name>/
  generate_model_goldens.py minilm MODEL_FOLDER    -> tests/data/minilm_goldens.bin.zst

`small`: random models that differ in all a loader has to get right, each with goldens.json: the
record expected from its files, and the vectors of some token sequences. BERT is run by
transformers. NomicBERT is run by the equations of the published modelling code, written out below;
transformers' own NomicBertModel has to agree with them.
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
from transformers import BertConfig, BertModel, NomicBertConfig, NomicBertModel

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


NOMIC = {
    # As CodeRankEmbed: CLS, no Normalize module, a query prompt, a limit of n_positions tokens.
    "nomic_cls": dict(
        hidden=48, layers=2, heads=4, inner=56, vocab=67, types=2, positions=8192, trained=2048,
        base=1000, eps=1e-12, dtype=torch.float16, pooling="cls", normalize=False,
        max_seq_length=8192, prompts={"query": "Represent this query: "}),
    # No type embedding, one head, another base, no trained length.
    "nomic_mean": dict(
        hidden=32, layers=3, heads=1, inner=24, vocab=41, types=0, positions=208, trained=None,
        base=10000, eps=1e-5, dtype=torch.bfloat16, pooling="mean", normalize=True,
        max_seq_length=None, model_max_length=300),
    # The configuration and the names of transformers' own class; angles are scaled beyond the
    # positions only.
    "nomic_transformers": dict(
        hidden=48, layers=2, heads=3, inner=40, vocab=53, types=2, positions=256, trained=None,
        base=500, eps=1e-6, dtype=torch.float32, pooling="mean", normalize=False,
        max_seq_length=None, model_max_length=200, transformers=True,
        rope=dict(rope_type="dynamic", factor=2.0)),
}
NOMIC_LENGTHS = [1, 2, 3, 7, 16, 50, 129, 200]
DEFAULT_NOMIC_LENGTH = 512  # coderank's own limit for this architecture


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
    save_side_files(folder, transformer, spec)


def save_side_files(folder, transformer, spec):
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
    return pool(states, pooling, normalize)


def pool(states, pooling, normalize):
    vector = states[0] if pooling == "cls" else states.mean(dim=0)
    return torch.nn.functional.normalize(vector, dim=0) if normalize else vector


def case(ids, vector):
    return {"ids": ids, "vector": [float(f"{v:.9g}") for v in vector.tolist()]}


def save_goldens(folder, architecture, spec, max_length, cases):
    prompts = spec.get("prompts", {})
    (folder / "goldens.json").write_text(json.dumps({
        "record": {"architecture": architecture, "pooling": spec["pooling"],
                   "normalize": spec["normalize"], "max_length": max_length,
                   "dimension": spec["hidden"], "query_prompt": prompts.get("query", ""),
                   "document_prompt": prompts.get("passage", "")},
        "cases": cases}) + "\n")


def random_nomic(spec, seed):
    """Tensors by the names of the published files, large enough to be far from linear."""
    generator = torch.Generator().manual_seed(seed)
    hidden, inner, tensors = spec["hidden"], spec["inner"], {}

    def add(name, shape, scale, shift=0.0):
        tensors[name] = (shift + scale * torch.randn(shape, generator=generator)).to(spec["dtype"])

    def norm(name):
        add(f"{name}.weight", (hidden,), 0.2, 1.0)
        add(f"{name}.bias", (hidden,), 0.2)

    def linear(name, out, into):
        add(f"{name}.weight", (out, into), 1.5 / into ** 0.5)

    add("embeddings.word_embeddings.weight", (spec["vocab"], hidden), 1.0)
    if spec["types"]:
        add("embeddings.token_type_embeddings.weight", (spec["types"], hidden), 1.0)
    norm("emb_ln")
    for i in range(spec["layers"]):
        layer = f"encoder.layers.{i}."
        linear(layer + "attn.Wqkv", 3 * hidden, hidden)
        linear(layer + "attn.out_proj", hidden, hidden)
        linear(layer + "mlp.fc11", inner, hidden)
        linear(layer + "mlp.fc12", inner, hidden)
        linear(layer + "mlp.fc2", hidden, inner)
        norm(layer + "norm1")
        norm(layer + "norm2")
    return tensors


def rotate(x, base):
    """x: [heads, tokens, size]; dimension i turns with dimension i + size / 2."""
    size = x.shape[-1]
    frequencies = 1.0 / (base ** (torch.arange(0, size, 2, dtype=torch.float32) / size))
    angles = torch.outer(torch.arange(x.shape[-2], dtype=torch.float32), frequencies)
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., :size // 2], x[..., size // 2:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def nomic_states(tensors, spec, ids):
    """The last hidden states [tokens, hidden] of one sequence."""
    weight = {name: tensor.to(torch.float32) for name, tensor in tensors.items()}
    hidden, heads = spec["hidden"], spec["heads"]

    def norm(x, name):
        return torch.nn.functional.layer_norm(
            x, (hidden,), weight[f"{name}.weight"], weight[f"{name}.bias"], spec["eps"])

    def linear(x, name):
        return x @ weight[f"{name}.weight"].T

    x = weight["embeddings.word_embeddings.weight"][ids]
    if spec["types"]:
        x = x + weight["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "emb_ln")
    for i in range(spec["layers"]):
        layer = f"encoder.layers.{i}."
        qkv = linear(x, layer + "attn.Wqkv").view(len(ids), 3, heads, hidden // heads)
        q, k, v = qkv.permute(1, 2, 0, 3)  # each [heads, tokens, size]
        q, k = rotate(q, spec["base"]), rotate(k, spec["base"])
        scores = q @ k.transpose(1, 2) / (hidden // heads) ** 0.5
        context = (scores.softmax(dim=-1) @ v).transpose(0, 1).reshape(len(ids), hidden)
        x = norm(x + linear(context, layer + "attn.out_proj"), layer + "norm1")
        gated = linear(x, layer + "mlp.fc11") * torch.nn.functional.silu(
            linear(x, layer + "mlp.fc12"))
        x = norm(x + linear(gated, layer + "mlp.fc2"), layer + "norm2")
    return x


def transformers_nomic(tensors, spec):
    """The same model as transformers has it: other names, Q, K and V apart."""
    config = NomicBertConfig(
        vocab_size=spec["vocab"], hidden_size=spec["hidden"], num_hidden_layers=spec["layers"],
        num_attention_heads=spec["heads"], intermediate_size=spec["inner"],
        max_position_embeddings=spec["positions"], type_vocab_size=max(spec["types"], 1),
        layer_norm_eps=spec["eps"],
        rope_parameters=dict(spec.get("rope", {"rope_type": "default"}),
                             rope_theta=float(spec["base"])))
    names = {"emb_ln": "embeddings.LayerNorm", "encoder.layers": "layers",
             "attn.out_proj": "self_attn.o_proj", "mlp.fc11": "mlp.up_proj",
             "mlp.fc12": "mlp.gate_proj", "mlp.fc2": "mlp.down_proj",
             "norm1": "post_attention_layernorm", "norm2": "post_mlp_layernorm"}
    # No type embedding is one that adds nothing.
    state = {"embeddings.token_type_embeddings.weight": torch.zeros(1, spec["hidden"])}
    for name, tensor in tensors.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        tensor = tensor.to(torch.float32)
        if "attn.Wqkv" in name:
            for part, rows in zip("qkv", tensor.chunk(3)):
                state[name.replace("attn.Wqkv", f"self_attn.{part}_proj")] = rows
        else:
            state[name] = tensor
    model = NomicBertModel(config).eval()
    model.load_state_dict(state)
    return model


def check_against_transformers(name, tensors, spec, cases):
    model = transformers_nomic(tensors, spec)
    worst = 0.0
    for case in cases:
        theirs = embed(model, case["ids"], spec["pooling"], spec["normalize"])
        worst = max(worst, (torch.tensor(case["vector"]) - theirs).abs().max().item())
    print(f"{name}: at most {worst:.2g} from transformers' NomicBertModel")
    assert worst < 2e-5


def save_nomic(folder, tensors, spec):
    folder.mkdir(parents=True, exist_ok=True)
    if spec.get("transformers"):
        model = transformers_nomic(tensors, spec)
        model.save_pretrained(folder, save_original_format=False)
        return save_side_files(folder, folder, spec)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "config.json", {
        "architectures": ["NomicBertModel"], "model_type": "nomic_bert",
        "activation_function": "swiglu", "causal": False, "layer_norm_epsilon": spec["eps"],
        "max_trained_positions": spec["trained"], "mlp_fc1_bias": False, "mlp_fc2_bias": False,
        "n_embd": spec["hidden"], "n_head": spec["heads"], "n_inner": spec["inner"],
        "n_layer": spec["layers"], "n_positions": spec["positions"], "prenorm": False,
        "qkv_proj_bias": False, "rotary_emb_base": spec["base"], "rotary_emb_fraction": 1.0,
        "rotary_emb_interleaved": False, "rotary_emb_scale_base": None,
        "rotary_scaling_factor": None, "type_vocab_size": spec["types"], "use_rms_norm": False,
        "vocab_size": spec["vocab"]})
    save_side_files(folder, folder, spec)


def generate_nomic():
    rng = random.Random(2)
    for seed, (name, spec) in enumerate(NOMIC.items()):
        folder = DATA / "models" / name
        tensors = random_nomic(spec, seed)
        save_nomic(folder, tensors, spec)
        cases = []
        for length in NOMIC_LENGTHS:
            ids = [rng.randrange(spec["vocab"]) for _ in range(length)]
            vector = pool(nomic_states(tensors, spec, ids), spec["pooling"], spec["normalize"])
            cases.append(case(ids, vector))
        check_against_transformers(name, tensors, spec, cases)
        limit = spec["max_seq_length"] or spec["model_max_length"]
        limit = min(limit, spec["positions"], spec["trained"] or limit, DEFAULT_NOMIC_LENGTH)
        save_goldens(folder, "nomic_bert", spec, limit, cases)


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
            cases.append(case(ids, embed(model, ids, spec["pooling"], spec["normalize"])))
        limit = spec["max_seq_length"] or min(spec.get("model_max_length", 512), 512)
        save_goldens(folder, "bert", spec, min(limit, spec["positions"]), cases)


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
        generate_nomic()
    elif len(sys.argv) == 3 and sys.argv[1] == "minilm":
        generate_minilm(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
