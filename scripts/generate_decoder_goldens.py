#!/usr/bin/env python3
"""Writes what the decoder tests compare with, computed by transformers in f32.

  generate_decoder_goldens.py small            -> tests/data/decoders/<name>/
  generate_decoder_goldens.py smollm2 FOLDER   -> tests/data/smollm2_goldens.json

`small`: random models that differ in all a loader has to get right, each with goldens.json: the
logits of the last positions of some token sequences, and the last hidden state.
`smollm2`: SmolLM2-135M-Instruct from its GGUF file, dequantised to f32: the ids of some prompts and
the tokens that follow them, each the likeliest, and the ids of some chats. FOLDER is what
`scripts/fetch-model SmolLM2-135M-Instruct` prints.

Needs torch, transformers, safetensors and, for `smollm2`, gguf.
"""
import json
import pathlib
import random
import sys

import torch
from safetensors.torch import save_file
from transformers import (AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM,
                          Qwen2Config, Qwen2ForCausalLM)

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
LENGTHS = [1, 2, 7, 33, 75]
LAST = 3  # positions with logits

SMALL = {
    # Seven heads share one head of keys; the head is the embedding.
    "qwen2_tied": dict(kind="qwen2", hidden=56, layers=2, heads=7, kv_heads=1, inner=40, vocab=61,
                       tied=True, dtype=torch.float32, base=1e6, eps=1e-6),
    # Four to one, two shards, bf16, a head of its own; the old way to write the rotary base.
    "qwen2_sharded": dict(kind="qwen2", hidden=64, layers=2, heads=8, kv_heads=2, inner=48, vocab=53,
                          tied=False, dtype=torch.bfloat16, base=1e4, eps=1e-5, shards=2,
                          old_rope=True),
    # One to one, f16, no biases.
    "llama_plain": dict(kind="llama", hidden=48, layers=3, heads=4, kv_heads=4, inner=64, vocab=47,
                        tied=False, dtype=torch.float16, base=1e4, eps=1e-5),
    # Heads larger than their share of the hidden size, biases, Llama 3's scaled positions.
    "llama_scaled": dict(kind="llama", hidden=40, layers=2, heads=4, kv_heads=2, inner=56, vocab=59,
                         tied=True, dtype=torch.float32, base=5e5, eps=1e-5, head_dim=16, bias=True,
                         scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0,
                                      high_freq_factor=4.0, original_max_position_embeddings=32)),
    # Without head and prefix, as embedding models are published.
    "qwen2_headless": dict(kind="qwen2", hidden=32, layers=1, heads=2, kv_heads=1, inner=24, vocab=37,
                           tied=False, dtype=torch.bfloat16, base=1e6, eps=1e-6, headless=True),
    # YaRN's scaled positions.
    "qwen2_yarn": dict(kind="qwen2", hidden=64, layers=2, heads=4, kv_heads=2, inner=48, vocab=43,
                       tied=True, dtype=torch.float32, base=1e6, eps=1e-6,
                       scaling=dict(rope_type="yarn", factor=4.0,
                                    original_max_position_embeddings=32)),
    # Positions divided by a factor, written in the old way.
    "llama_linear": dict(kind="llama", hidden=32, layers=1, heads=2, kv_heads=1, inner=40, vocab=41,
                         tied=False, dtype=torch.float32, base=1e4, eps=1e-5, old_rope=True,
                         scaling=dict(rope_type="linear", factor=4.0)),
}

PROMPTS = [
    "The capital of France is", "def fibonacci(n):\n", "Once upon a time",
    "What is a hash table? Answer in one sentence.", "int main(void) {\n", "1, 2, 3, 4,",
    "import numpy as np\n\ndef softmax(x):", "SELECT name FROM users WHERE",
    "The quick brown fox", "Write a haiku about the sea.", "for (size_t i = 0; i < n; ++i)",
    "class Stack:\n    def __init__(self):\n", "Water boils at", "# Installation\n\n",
    "Explain what a mutex is.", "na\u00efve caf\u00e9 \u65e5\u672c\u8a9e", "fn main() {\n    println!(",
    "A list of three colours:\n1.", "Translate to German: good morning", "git commit -m",
]
NEW_TOKENS = 24
# System and user messages: line ends and spaces at their ends, code, other scripts, nothing.
CHATS = [
    ("You are helpful.", "Hi"), ("Rank the snippets.\n", "[1] int x;\n[2] int y;\n\nAnswer: "),
    (" leading", "\n\ndef f(n):\n    return n\n"), ("na\u00efve", "\u65e5\u672c\u8a9e \U0001f600"),
    ("1 > 2", ""),
]


def make(spec, seed):
    torch.manual_seed(seed)
    rope = dict(spec.get("scaling", {"rope_type": "default"}), rope_theta=spec["base"])
    options = dict(
        hidden_size=spec["hidden"], num_hidden_layers=spec["layers"],
        num_attention_heads=spec["heads"], num_key_value_heads=spec["kv_heads"],
        intermediate_size=spec["inner"], vocab_size=spec["vocab"], max_position_embeddings=256,
        rms_norm_eps=spec["eps"], tie_word_embeddings=spec["tied"], rope_parameters=rope,
        bos_token_id=0, eos_token_id=1, pad_token_id=None)
    if spec["kind"] == "qwen2":
        model = Qwen2ForCausalLM(Qwen2Config(**options))
    else:
        if "head_dim" in spec:
            options["head_dim"] = spec["head_dim"]
        model = LlamaForCausalLM(LlamaConfig(attention_bias=spec.get("bias", False), **options))
    model = model.float().eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "norm" in name:
                p.copy_(1 + 0.2 * torch.randn_like(p))
            elif p.dim() == 1:
                p.copy_(0.5 * torch.randn_like(p))
            else:
                p.copy_(torch.randn_like(p) * (1.5 / p.shape[1] ** 0.5))
            p.copy_(p.to(spec["dtype"]).float())  # what the file can hold
    return model


def save(folder, spec, model):
    folder.mkdir(parents=True, exist_ok=True)
    config = model.config.to_dict()
    kept = ["model_type", "hidden_size", "num_hidden_layers", "num_attention_heads",
            "num_key_value_heads", "intermediate_size", "vocab_size", "max_position_embeddings",
            "rms_norm_eps", "tie_word_embeddings", "rope_parameters", "hidden_act", "head_dim",
            "attention_bias", "layer_types"]
    written = {key: config[key] for key in kept if config.get(key) is not None}
    if spec.get("old_rope"):
        rope = written.pop("rope_parameters")
        written["rope_theta"] = rope.pop("rope_theta")
        kind = rope.pop("rope_type")
        written["rope_scaling"] = None if kind == "default" else dict(rope, type=kind)
    (folder / "config.json").write_text(json.dumps(written, indent=1) + "\n")
    tensors = {}
    for name, p in model.state_dict().items():
        if name == "lm_head.weight" and (spec["tied"] or spec.get("headless")):
            continue
        if spec.get("headless"):
            name = name.removeprefix("model.")
        tensors[name] = p.to(spec["dtype"]).contiguous().clone()
    shards = spec.get("shards", 1)
    if shards == 1:
        return save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    weight_map = {}
    for i in range(shards):
        file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
        part = dict(list(tensors.items())[i::shards])
        save_file(part, folder / file, metadata={"format": "pt"})
        weight_map.update({name: file for name in part})
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": weight_map}, indent=1) + "\n")


def numbers(tensor):
    return [float(f"{v:.9g}") for v in tensor.flatten().tolist()]


def small():
    for seed, (name, spec) in enumerate(SMALL.items()):
        model = make(spec, seed)
        folder = DATA / "decoders" / name
        save(folder, spec, model)
        cases = []
        for length in LENGTHS:
            rng = random.Random(1000 * seed + length)
            ids = [rng.randrange(spec["vocab"]) for _ in range(length)]
            with torch.no_grad():
                out = model(input_ids=torch.tensor([ids]), output_hidden_states=True)
            case = {"ids": ids, "state": numbers(out.hidden_states[-1][0, -1])}
            if not spec.get("headless"):
                case["logits"] = numbers(out.logits[0, -min(LAST, length):])
            cases.append(case)
        (folder / "goldens.json").write_text(json.dumps({"cases": cases}) + "\n")


def smollm2(folder):
    file = next(pathlib.Path(folder).glob("*.gguf")).name
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        made = list(ids)
        gaps = []
        with torch.no_grad():
            fed, cache = ids, None
            for _ in range(NEW_TOKENS):
                out = model(input_ids=torch.tensor([fed]), past_key_values=cache, use_cache=True)
                cache = out.past_key_values
                best = out.logits[0, -1].topk(2)
                gaps.append(float(best.values[0] - best.values[1]))
                fed = [int(best.indices[0])]
                made += fed
        # The gap to the second likeliest says how much rounding a continuation can bear.
        cases.append({"prompt": prompt, "ids": ids, "next": made[len(ids):],
                      "least_gap": round(min(gaps), 5)})
    (DATA / "smollm2_goldens.json").write_text(
        json.dumps({"cases": cases, "chats": chats(tokenizer)}, indent=1, ensure_ascii=True) + "\n")


def chats(tokenizer):
    """The ids of the model's own chat template, up to where the answer begins."""
    found = []
    for system, user in CHATS:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        found.append({"system": system, "user": user, "ids": ids})
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["small"]:
        small()
    elif len(sys.argv) == 3 and sys.argv[1] == "smollm2":
        smollm2(sys.argv[2])
    else:
        sys.exit(__doc__)
