#!/usr/bin/env python3
"""Prefill and decode rates of llama.cpp on a GGUF file, beside decoder_bench's, in turns.

Needs the pip package `llama-cpp-python` (it builds llama.cpp for this machine) and decoder_bench of
the preset `bench`.

    bench/compare_llama.py --bench build/bench/bin/decoder_bench --model FILE.gguf [--threads 2]

Both read the same 512 tokens and then make 32, alternating, `--rounds` times; the best of each is
printed, because others may run on the machine.
"""

import argparse
import re
import subprocess
import time

import llama_cpp

PROMPT = [i * 37 % 1000 for i in range(512)]  # as decoder_bench
NEW = 32


def llama_round(model):
    model.reset()
    start = time.perf_counter()
    model.eval(PROMPT)
    prefill = len(PROMPT) / (time.perf_counter() - start)
    start = time.perf_counter()
    for token in PROMPT[:NEW]:
        model.eval([token])
    return prefill, NEW / (time.perf_counter() - start)


def our_round(bench, model, precision, threads):
    text = subprocess.run([bench, "speed", model, precision, str(threads)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return tuple(float(re.search(rf"^{name} +([0-9.]+)", text, re.M)[1])
                 for name in ("prefill", "decode"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--precision", default="file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    model = llama_cpp.Llama(arguments.model, n_ctx=1024, n_batch=512, n_ubatch=512, verbose=False,
                            n_threads=arguments.threads, n_threads_batch=arguments.threads)
    rounds = [(llama_round(model),
               our_round(arguments.bench, arguments.model, arguments.precision, arguments.threads))
              for _ in range(arguments.rounds)]
    for i, what in enumerate(("prefill", "decode")):
        theirs = max(r[0][i] for r in rounds)
        ours = max(r[1][i] for r in rounds)
        print(f"{what:8} llama.cpp {theirs:8.1f} tokens/s, coderank {ours:8.1f}: {ours / theirs:.2f}x")


if __name__ == "__main__":
    main()
