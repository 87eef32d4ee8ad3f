#!/usr/bin/env python3
"""Compares what a decoder writes, taking the likeliest token each time, with transformers.

Needs the pip packages `torch` and `transformers`, for a GGUF file also `gguf`; and decoder_bench of
the preset `bench`. Both sides compute in f32 from the same dequantised weights, and the reference
gets our token ids (check_byte_pair_parity.py compares those).

    python3 scripts/check_greedy_text.py --binary build/bench/bin/decoder_bench FOLDER-OR-GGUF

Exit code 0 when all texts agree, 1 otherwise, with where each parts and how far apart the two best
logits are there.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import torch
import transformers

PROMPTS = [
    "def quicksort(arr):",
    "The capital of France is",
    "import os\n\ndef read_lines(path):\n",
    "// returns the maximum of two ints\nint max(int a, int b) {",
    "class Stack:\n    def __init__(self):\n",
    "SELECT name, age FROM users WHERE",
    "fn main() {\n    let mut v = vec![3, 1, 2];\n",
    "# Installation\n\nTo install the package run",
    "function debounce(fn, wait) {",
    "package main\n\nimport \"fmt\"\n\nfunc main() {",
    "def fibonacci(n):\n    \"\"\"Return the n-th Fibonacci number.\"\"\"\n",
    "template <typename T>\nclass UniquePtr {\n public:",
    "try:\n    response = requests.get(url, timeout=5)\nexcept",
    "The quick brown fox",
    "const express = require('express');\n",
    "public static void main(String[] args) {",
    "def retry(func, attempts=3, backoff=2.0):",
    "#include <vector>\n#include <algorithm>\n\nint binary_search(",
    "git commit -m",
    "How do I reverse a linked list in C?",
]


def continued(arguments):
    """[{"ids": of the prompt, "next": what we write}]"""
    lines = "".join(json.dumps(prompt) + "\n" for prompt in PROMPTS)
    run = subprocess.run(
        [arguments.binary, "generate", arguments.model, "f32", str(arguments.tokens)],
        input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def reference(model):
    gguf = {} if model.is_dir() else {"gguf_file": model.name}
    folder = model if model.is_dir() else model.parent
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, **gguf).eval()


def steps(model, ids, count):
    """Yields the likeliest token and its lead in logits."""
    tokens, past = torch.tensor([ids]), None
    for _ in range(count):
        output = model(tokens, past_key_values=past, use_cache=True)
        past = output.past_key_values
        best = output.logits[0, -1].topk(2)
        yield int(best.indices[0]), float(best.values[0] - best.values[1])
        tokens = best.indices[:1][None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tokens", type=int, default=24, help="of each text [24]")
    parser.add_argument("model", type=pathlib.Path)
    arguments = parser.parse_args()
    ours = continued(arguments)
    model = reference(arguments.model)
    equal = 0
    with torch.inference_mode():
        for prompt, text in zip(PROMPTS, ours, strict=True):
            theirs = list(steps(model, text["ids"], arguments.tokens))
            parts = [i for i, (token, _) in enumerate(theirs) if token != text["next"][i]]
            equal += not parts
            if parts:
                print(f"{prompt!r}: parts at token {parts[0]}, lead {theirs[parts[0]][1]:.3g}")
    print(f"{equal} of {len(PROMPTS)} texts of {arguments.tokens} tokens are equal")
    return 0 if equal == len(PROMPTS) else 1


if __name__ == "__main__":
    sys.exit(main())
