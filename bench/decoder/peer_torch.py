"""Prefill and decode rates of PyTorch in bfloat16: peer_torch.py MODEL THREADS.

As peer_llamacpp.py, which it is called like; also prints the likeliest token behind the prompt.
"""
import json
import sys
import time

import torch

import gguf_torch
from prompt import NEW, PROMPT


def rates(model):
    model.reset()
    start = time.perf_counter()
    logits = model.evaluate(PROMPT)
    prefill = len(PROMPT) / (time.perf_counter() - start)
    start = time.perf_counter()
    for token in PROMPT[:NEW]:
        model.evaluate([token])
    return prefill, NEW / (time.perf_counter() - start), int(logits.argmax())


def main():
    path, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    with torch.inference_mode():
        model = gguf_torch.Decoder(path, len(PROMPT) + NEW)
        rates(model)  # warms up
        prefill, decode, best = rates(model)
    print(json.dumps({"prefill": prefill, "decode": decode, "best": best,
                      "version": f"torch {torch.__version__}"}))


if __name__ == "__main__":
    main()
