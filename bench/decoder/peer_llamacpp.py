"""Prefill and decode rates of llama.cpp on a GGUF file: peer_llamacpp.py MODEL THREADS.

Reads what decoder_bench reads, 512 tokens, and then makes 32; prints {"prefill": tokens/s, "decode":
tokens/s, "version": ...}. Runs in the environment of bench/encoder/run, where llama.cpp is built for
this machine.
"""
import json
import sys
import time

import llama_cpp

from prompt import NEW, PROMPT


def rates(model):
    model.reset()
    start = time.perf_counter()
    model.eval(PROMPT)
    prefill = len(PROMPT) / (time.perf_counter() - start)
    start = time.perf_counter()
    for token in PROMPT[:NEW]:
        model.eval([token])
    return prefill, NEW / (time.perf_counter() - start)


def main():
    path, threads = sys.argv[1], int(sys.argv[2])
    model = llama_cpp.Llama(path, n_ctx=1024, n_batch=512, n_ubatch=512, verbose=False,
                            n_threads=threads, n_threads_batch=threads)
    rates(model)  # warms up
    prefill, decode = rates(model)
    print(json.dumps({"prefill": prefill, "decode": decode, "version": f"llama-cpp-python {llama_cpp.__version__}"}))


if __name__ == "__main__":
    main()
