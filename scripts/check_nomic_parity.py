#!/usr/bin/env python3
"""Compares `coderank embed` with PyTorch on random NomicBERT models, up to the full size.

  scripts/check_nomic_parity.py --binary build/release/bin/coderank [--sizes all|small|full] [--texts 24]

Needs the pip packages torch, safetensors and numpy; never runs in CI. The reference is
bench/encoder/nomic_torch.py, and the class of transformers where that has one. For each model it
prints the largest difference of an f32 vector from the reference's, relative to the vector's norm
(at most 2e-5), and the cosine of int8 to f32 beside the mean cosine between f32 vectors of
different texts, which says how easy that is. For the full-size model also the anonymous memory
while embedding 32 texts of 512 tokens in int8, and the time of one query in a fresh process.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench/encoder"))
import nomic_torch  # noqa: E402
import random_model  # noqa: E402

LIMIT = 2e-5
FULL = dict(random_model.CONFIG)
SMALL = [dict(n_embd=48, n_head=2, n_inner=56, n_layer=3), dict(n_embd=64, n_head=4, n_inner=200, n_layer=1),
         dict(n_embd=96, n_head=1, n_inner=96, n_layer=2), dict(n_embd=132, n_head=3, n_inner=33, n_layer=4),
         dict(n_embd=256, n_head=8, n_inner=640, n_layer=6), dict(n_embd=384, n_head=6, n_inner=1536, n_layer=12)]


def texts(count, seed):
    """Pieces of the project's own sources, of 20 to 2000 characters."""
    random = numpy.random.default_rng(seed)
    sources = "\n".join(p.read_text() for p in sorted((ROOT / "src").rglob("*.cc")))
    lengths = random.integers(20, 2000, count)
    starts = random.integers(0, len(sources) - 2000, count)
    return [sources[s:s + n] for s, n in zip(starts, lengths)]


class Coderank:
    def __init__(self, binary, world):
        self.binary = str(pathlib.Path(binary).resolve())
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "CODERANK_"))}
        self.env["HOME"] = str(world)

    def run(self, *arguments, **options):
        return subprocess.run([self.binary, *arguments], env=self.env, text=True, check=True,
                              capture_output=True, **options).stdout

    def embed(self, pieces, precision):
        lines = "".join(json.dumps({"text": t}) + "\n" for t in pieces)
        out = self.run("embed", "--model", "m", "--jsonl", "--token-ids", "--no-normalize",
                       "--precision", precision, input=lines)
        answers = [json.loads(line) for line in out.splitlines()]
        return [a["ids"] for a in answers], numpy.array([a["vector"] for a in answers])

    def anonymous_memory(self, pieces):
        """Most anonymous resident bytes while embedding, polled from outside."""
        process = subprocess.Popen([self.binary, "embed", "--model", "m", "--jsonl"], env=self.env, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write("".join(json.dumps({"text": t}) + "\n" for t in pieces))
        process.stdin.close()
        most = {"RssAnon": 0, "RssFile": 0}
        while process.poll() is None:
            for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in most:
                    most[name] = max(most[name], int(value.split()[0]) * 1024)
            time.sleep(0.01)
        assert process.returncode == 0
        return most

    def query_milliseconds(self):
        times = []
        for _ in range(21):
            start = time.perf_counter()
            self.run("embed", "--model", "m", "--query", "how is a file read")
            times.append((time.perf_counter() - start) * 1000)
        return times[1:]  # the first warms the page cache


def cosines(a, b):
    return (a * b).sum(1) / numpy.linalg.norm(a, axis=1) / numpy.linalg.norm(b, axis=1)


def mean_pairwise_cosine(vectors):
    unit = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    count = len(unit)
    return ((unit @ unit.T).sum() - count) / (count * (count - 1))


def reference(folder, all_ids):
    model = nomic_torch.load(folder)
    with torch.no_grad():
        return numpy.array([model(torch.tensor([ids]))[0].numpy() for ids in all_ids])


def transformers_reference(folder, config, all_ids):
    """None where the installed transformers has no such class."""
    try:
        from transformers import NomicBertConfig, NomicBertModel
    except ImportError:
        return None
    import safetensors.torch
    model = NomicBertModel(NomicBertConfig(
        vocab_size=config["vocab_size"], hidden_size=config["n_embd"], num_hidden_layers=config["n_layer"],
        num_attention_heads=config["n_head"], intermediate_size=config["n_inner"],
        max_position_embeddings=config["max_trained_positions"], layer_norm_eps=config["layer_norm_epsilon"],
        rope_parameters={"rope_type": "default", "rope_theta": config["rotary_emb_base"]})).eval()
    model.load_state_dict(rename(safetensors.torch.load_file(folder / "model.safetensors"), config["n_embd"]))
    with torch.no_grad():
        return numpy.array([model(input_ids=torch.tensor([ids])).last_hidden_state[0, 0].numpy()
                            for ids in all_ids])


def rename(tensors, hidden):
    """The published names in those of transformers' class."""
    parts = {"emb_ln": "embeddings.LayerNorm", "encoder.layers": "layers", "attn.out_proj": "self_attn.o_proj",
             "mlp.fc11": "mlp.up_proj", "mlp.fc12": "mlp.gate_proj", "mlp.fc2": "mlp.down_proj",
             "norm1": "post_attention_layernorm", "norm2": "post_mlp_layernorm"}
    result = {}
    for name, tensor in tensors.items():
        for published, theirs in parts.items():
            name = name.replace(published, theirs)
        if "attn.Wqkv" in name:
            for letter, part in zip("qkv", tensor.split(hidden)):
                result[name.replace("attn.Wqkv", f"self_attn.{letter}_proj")] = part.clone()
        else:
            result[name] = tensor
    return result


def check(coderank, folder, config, pieces, seed):
    random_model.CONFIG.clear()
    random_model.CONFIG.update(FULL, **config)
    random_model.write(folder, seed)
    coderank.run("model", "add", "m", str(folder), "--replace")
    ids, exact = coderank.embed(pieces, "f32")
    norms = numpy.linalg.norm(exact, axis=1, keepdims=True)
    worst = float((numpy.abs(exact - reference(folder, ids)) / norms).max())
    other = transformers_reference(folder, random_model.CONFIG, ids)
    if other is not None:
        against = float((numpy.abs(exact - other) / norms).max())
    _, rounded = coderank.embed(pieces, "int8")
    near = cosines(exact, rounded)
    shape = "{n_embd}x{n_layer} heads {n_head} inner {n_inner}".format(**random_model.CONFIG)
    print(f"{shape}: {len(pieces)} texts of {min(map(len, ids))}-{max(map(len, ids))} tokens: "
          f"f32 difference {worst:.2e}"
          + (f" (transformers {against:.2e})" if other is not None else "")
          + f"; int8 cosine mean {near.mean():.6f} worst {near.min():.6f}, "
          f"f32 pairwise {mean_pairwise_cosine(exact):.4f}", flush=True)
    return worst <= LIMIT and (other is None or against <= LIMIT)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--sizes", choices=["all", "small", "full"], default="all")
    parser.add_argument("--texts", type=int, default=24)
    args = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as world:
        coderank = Coderank(args.binary, world)
        folder = pathlib.Path(world) / "source"
        for number, config in enumerate(SMALL if args.sizes != "full" else []):
            good &= check(coderank, folder, config, texts(args.texts, number), number)
        if args.sizes != "small":
            good &= check(coderank, folder, {}, texts(args.texts, 99), 99)
            memory = coderank.anonymous_memory(["word7 " * 600] * 32)
            print(f"32 x 512 tokens in int8: {memory['RssAnon'] / 2**20:.0f} MiB beyond mapped files "
                  f"(limit 200 MB), {memory['RssFile'] / 2**20:.0f} MiB of them mapped")
            times = coderank.query_milliseconds()
            print(f"one query in a fresh process: median {statistics.median(times):.0f} ms, "
                  f"least {min(times):.0f} ms")
            good &= memory["RssAnon"] <= 200e6
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
