"""The peer semble, its BM25 side with its own ranking: alpha 0. Called with TREE and MODEL.

Its static model cannot be had offline, and alpha 0 drops what that model finds, so MODEL is a folder
with a stand-in of the same shape: `make_model` below.
"""
import json
import os
import pathlib
import sys
import time


def make_model(minilm, folder):
    """MiniLM's word embeddings as a static model."""
    import numpy
    from safetensors import safe_open
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    with safe_open(minilm / "model.safetensors", "numpy") as weights:
        words = weights.get_tensor("embeddings.word_embeddings.weight").astype(numpy.float32)
    save_file({"embeddings": words}, folder / "model.safetensors")
    (folder / "tokenizer.json").write_bytes((minilm / "tokenizer.json").read_bytes())
    (folder / "config.json").write_text(json.dumps({"normalize": True}))


def main():
    tree, minilm, folder = map(pathlib.Path, sys.argv[1:])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    make_model(minilm, folder)
    import semble
    from importlib.metadata import version
    start = time.perf_counter()
    index = semble.SembleIndex.from_path(tree, model_path=str(folder))
    answers.write(json.dumps({"version": f"semble {version('semble')}",
                              "build_seconds": time.perf_counter() - start}) + "\n")
    answers.flush()
    for line in sys.stdin:
        start = time.perf_counter()
        results = index.search(json.loads(line)["query"], top_k=10, alpha=0.0)
        answers.write(json.dumps({"total": 1e3 * (time.perf_counter() - start),
                                  "results": len(results)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
