#!/usr/bin/env python3
"""Speed of the f32 encoder beside PyTorch, interleaved in one run.

  bench/compare_torch.py --bench build/bench/bin/encoder_bench --model FOLDER [--rounds 5]

For each shape the two sides take turns; printed are the medians in tokens/s, the ratio of each
round's pair, and its spread. PyTorch runs as transformers' BertModel in inference mode with as
many threads as we use and nothing of its environment held back. Needs the pip packages torch and
transformers; never runs in CI.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

import torch
from transformers import BertModel

SHAPES = [(1, 16), (8, 128), (1, 256)]


def ours(args, isa, sequences, tokens):
    name = f"^minilm/{isa}/threads:{args.threads}/{sequences}/{tokens}/real_time$"
    env = {**os.environ, "CODERANK_TEST_MODEL_DIR": args.model}
    command = [args.bench, f"--benchmark_filter={name}", "--benchmark_format=json",
               "--benchmark_min_time=1"]
    output = subprocess.run(command, env=env, check=True, text=True, capture_output=True).stdout
    return json.loads(output[output.index("{"):])["benchmarks"][0]["tokens"]


def theirs(model, sequences, tokens, seconds=1.0):
    ids = torch.randint(1000, 30000, (sequences, tokens))
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        model(input_ids=ids, attention_mask=mask)
        calls, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            model(input_ids=ids, attention_mask=mask)
            calls += 1
        return calls * sequences * tokens / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bench", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--isa", default="avx512,avx2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = BertModel.from_pretrained(args.model, add_pooling_layer=False).float().eval()
    print(f"torch {torch.__version__}, {args.threads} threads, medians of {args.rounds} rounds")
    print("isa     shape    coderank tok/s  torch tok/s  ratio (min - max)")
    for isa in args.isa.split(","):
        for sequences, tokens in SHAPES:
            pairs = [(ours(args, isa, sequences, tokens), theirs(model, sequences, tokens))
                     for _ in range(args.rounds)]
            ratios = [a / b for a, b in pairs]
            print(f"{isa:<7} {sequences}x{tokens:<6} {statistics.median(a for a, _ in pairs):14.0f} "
                  f"{statistics.median(b for _, b in pairs):12.0f}  {statistics.median(ratios):.2f} "
                  f"({min(ratios):.2f} - {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    main()
