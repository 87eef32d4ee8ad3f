#!/usr/bin/env python3
"""Compares the vectors of scripts/embed_texts.py with coderank's own, on a real model.

    check_embed_texts.py --model FOLDER --tree FOLDER [--program build/release/bin/coderank]

FOLDER of the model: what scripts/fetch-model prints. Exports the texts of the tree, embeds them with
sentence-transformers, imports the vectors, and compares them with `coderank embed --precision f32`.
Exit status: 0 equal, 1 different, 77 not checked because sentence-transformers is missing.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Two f32 implementations of one encoder; as for the goldens (docs/benchmarks.md).
TOLERANCE = 2e-5


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--tree", required=True)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/coderank"))
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        import sentence_transformers  # noqa: F401
    except ImportError:
        print("check_embed_texts: NOT CHECKED: sentence-transformers is not installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)
        environment = {**os.environ, "HOME": folder, "XDG_CACHE_HOME": "", "XDG_DATA_HOME": ""}

        def coderank(*words, text=None):
            return subprocess.run([arguments.program, *words], env=environment, input=text, check=True,
                                  stdout=subprocess.PIPE, text=True).stdout

        index = ["--index", str(here / "index")]
        coderank("index", "-q", arguments.tree, *index)  # no model yet: texts alone
        coderank("model", "add", "-q", "model", arguments.model)
        coderank("texts", "export", "-q", str(here / "texts"), arguments.tree, *index)
        subprocess.run([sys.executable, str(ROOT / "scripts/embed_texts.py"), "--model", arguments.model,
                        "--device", "cpu", str(here / "texts"), str(here / "vectors")], check=True)
        imported = json.loads(coderank("vectors", "import", "-q", "--json", str(here / "vectors"),
                                       arguments.tree, *index))
        texts = [json.loads(line) for line in open(here / "texts", encoding="utf-8")][1:]
        theirs = [json.loads(line) for line in open(here / "vectors", encoding="utf-8")][1:]
        lines = "".join(json.dumps({"text": entry["text"]}) + "\n" for entry in texts)
        ours = [json.loads(line) for line in
                coderank("embed", "-q", "--jsonl", "--precision", "f32", text=lines).splitlines()]
    worst = max(abs(a - b) for x, y in zip(theirs, ours) for a, b in zip(x["vector"], y["vector"]))
    tokens_differ = sum(x["tokens"] != y["tokens"] for x, y in zip(theirs, ours))
    complete = imported["coverage"]["embedded_chunks"] == imported["coverage"]["chunks"]
    print(f"{len(texts)} texts: worst difference {worst:.2e}, token counts that differ {tokens_differ}, "
          f"index complete: {complete}")
    return 0 if worst <= TOLERANCE and tokens_differ == 0 and complete else 1


if __name__ == "__main__":
    sys.exit(main())
