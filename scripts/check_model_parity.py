#!/usr/bin/env python3
"""Compares `coderank embed` with transformers on random BERT models in the Hugging Face layout.

  scripts/check_model_parity.py --binary build/release/bin/coderank [--models 20] [--seed 1]

Needs the pip packages torch, transformers and numpy; never runs in CI. Each model has another
shape, activation, pooling, vocabulary, weight type and file layout. Token ids must be equal; raw
vectors may differ by 2e-5 of the reference's largest component (f32 sums in another order).
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
import torch
from transformers import BertConfig, BertForMaskedLM, BertModel, BertTokenizerFast

WORDS = """return if else for while int float def class self import from the a of to read write
file index error Status Result vector string size_t const auto null None true false λ größe naïve
数据 поиск データ é ß İ don't x = y + 1 ; { } ( ) [ ] -> :: // # @ _ . , ! ? 0x1F 3.14""".split() + ["\t", "\n"]


def text_of(rng):
    kind = rng.random()
    if kind < 0.05:
        return ""
    if kind < 0.1:
        return "".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(1, 40)))
    words = [rng.choice(WORDS) for _ in range(rng.randrange(1, 400 if kind > 0.9 else 60))]
    return rng.choice(["", " "]).join(words) if kind < 0.15 else " ".join(words)


def vocabulary(rng, cased):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    rng.shuffle(pieces)
    characters = {c for word in WORDS for c in (word if cased else word.lower()) if not c.isspace()}
    characters |= {chr(c) for c in range(33, 127)}
    for c in sorted(characters):
        pieces += [c, "##" + c]
    for word in WORDS:
        piece = word.strip() if cased else word.strip().lower()
        if piece and piece not in pieces and rng.random() < 0.5:
            pieces.append(piece)
    return list(dict.fromkeys(pieces))


def write_model(rng, folder):
    cased = rng.random() < 0.3
    pieces = vocabulary(rng, cased)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=not cased)
    heads = rng.choice([1, 2, 3, 4, 7])
    config = BertConfig(
        vocab_size=len(pieces) + rng.choice([0, 3]),
        hidden_size=heads * rng.choice([4, 5, 16, 32]),
        num_hidden_layers=rng.choice([1, 2, 3]),
        num_attention_heads=heads,
        intermediate_size=rng.choice([17, 64, 130]),
        hidden_act=rng.choice(["gelu", "relu", "gelu_new", "silu", "gelu_pytorch_tanh"]),
        layer_norm_eps=rng.choice([1e-12, 1e-5]),
        max_position_embeddings=rng.choice([64, 130, 512]),
        type_vocab_size=rng.choice([1, 2]),
        initializer_range=0.2)
    torch.manual_seed(rng.randrange(1 << 30))
    dtype = rng.choice([torch.float32, torch.float32, torch.float16, torch.bfloat16])
    prefixed = rng.random() < 0.4
    whole = BertForMaskedLM(config) if prefixed else BertModel(config, add_pooling_layer=rng.random() < 0.5)
    whole = whole.to(dtype)
    shard = "20KB" if rng.random() < 0.3 else "5GB"
    whole.save_pretrained(folder, max_shard_size=shard)
    if rng.random() < 0.6:
        tokenizer.save_pretrained(folder)
        if rng.random() < 0.5 and (folder / "tokenizer.json").exists():
            (folder / "vocab.txt").unlink(missing_ok=True)
    else:
        (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": not cased}))
    cls = rng.random() < 0.5
    length = None
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
               {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps({
        "word_embedding_dimension": config.hidden_size, "pooling_mode_cls_token": cls,
        "pooling_mode_mean_tokens": not cls, "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False}))
    if rng.random() < 0.5:
        modules.append({"idx": 2, "name": "2", "path": "2_Normalize",
                        "type": "sentence_transformers.models.Normalize"})
    (folder / "modules.json").write_text(json.dumps(modules))
    if rng.random() < 0.5:
        length = rng.choice([16, 50])
        (folder / "sentence_bert_config.json").write_text(
            json.dumps({"max_seq_length": length, "do_lower_case": False}))
    prompts = {}
    if rng.random() < 0.5:
        prompts = {"query": "Find code: ", "document": "passage: "}
        (folder / "config_sentence_transformers.json").write_text(
            json.dumps({"prompts": prompts, "default_prompt_name": None}))
    limit = min(length or config.max_position_embeddings, config.max_position_embeddings)
    model = (whole.bert if prefixed else whole).float().eval()
    return tokenizer, model, cls, limit, prompts, f"{config.hidden_size}x{config.num_hidden_layers} {config.hidden_act} {dtype}"


def reference(tokenizer, model, cls, limit, prompt, text):
    ids = tokenizer(prompt + text, truncation=True, max_length=limit)["input_ids"]
    with torch.no_grad():
        hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
    return ids, (hidden[0] if cls else hidden.mean(0)).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--models", type=int, default=20)
    parser.add_argument("--texts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    failures = 0
    worst = 0.0
    for number in range(args.models):
        with tempfile.TemporaryDirectory() as world:
            env = {**os.environ, "HOME": world}
            for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "CODERANK_MODELS"):
                env.pop(name, None)
            folder = pathlib.Path(world) / "source"
            folder.mkdir()
            tokenizer, model, cls, limit, prompts, label = write_model(rng, folder)
            added = subprocess.run([args.binary, "model", "add", "m", folder], env=env,
                                   capture_output=True, text=True)
            if added.returncode != 0:
                failures += 1
                print(f"model {number} ({label}): {added.stderr.strip()}")
                continue
            query = rng.random() < 0.5
            prompt = prompts.get("query" if query else "document", "")
            texts = [text_of(rng) for _ in range(args.texts)]
            command = [args.binary, "embed", "--model", "m", "--jsonl", "--token-ids", "--no-normalize"]
            answer = subprocess.run(command + (["--query"] if query else []), env=env, text=True,
                                    input="".join(json.dumps({"text": t}) + "\n" for t in texts),
                                    capture_output=True, check=True)
            for text, line in zip(texts, answer.stdout.splitlines(), strict=True):
                got = json.loads(line)
                ids, vector = reference(tokenizer, model, cls, limit, prompt, text)
                error = float(numpy.abs(numpy.array(got["vector"]) - vector).max() / numpy.abs(vector).max())
                worst = max(worst, error if got["ids"] == ids else 0.0)
                if got["ids"] != ids or error > 2e-5:
                    failures += 1
                    print(f"model {number} ({label}): {text[:60]!r}: ids equal {got['ids'] == ids}, error {error:.2e}")
                    break
    print(f"{args.models} models, {failures} failures, largest relative difference {worst:.2e}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
