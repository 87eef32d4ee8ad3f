#!/usr/bin/env python3
"""Compares the token ids of the coderank program with those of the reference tokenizer.

The model of a folder is installed in a temporary home, so nothing of the user's is touched.

Needs the pip package `tokenizers` (and `transformers` for a model that has only a vocab.txt).
Every line of the files is one text; bytes that are not UTF-8 become U+FFFD on both sides.

    python3 scripts/check_tokenizer_parity.py --binary build/release/bin/coderank \\
        --model FOLDER FILE...

Exit code 0 when all lines agree, 1 with the first differences otherwise.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import tokenizers

SHOWN = 10
BATCH = 2000


def reference(folder):
    if (folder / "tokenizer.json").exists():
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    else:
        import transformers
        tokenizer = transformers.BertTokenizerFast.from_pretrained(folder).backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def read_lines(files):
    for path in files:
        for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
            if line:
                yield f"{path}:{number}", line.decode("utf-8", "replace")


def lengths_agree(ours, theirs, limit):
    """Where the model's length limit may have cut the text, all ids but the last must agree."""
    return ours == theirs or (len(ours) == limit < len(theirs) and ours == theirs[:limit - 1] + theirs[-1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--model", required=True, type=pathlib.Path, help="folder of the model")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()

    tokenizer = reference(arguments.model)
    lines = list(read_lines(arguments.files))
    requests = "".join(json.dumps({"text": text}) + "\n" for _, text in lines)
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "",
                       "XDG_STATE_HOME": "", "CODERANK_MODELS": ""}

        def coderank(*words, text=""):
            return subprocess.run([arguments.binary, *words], input=text, env=environment,
                                  stdout=subprocess.PIPE, text=True, check=True).stdout

        coderank("model", "add", "parity", str(arguments.model))
        limit = json.loads(coderank("model", "info", "parity", "--json"))["max_tokens"]
        replies = coderank("embed", "--model", "parity", "--jsonl", "--token-ids",
                           text=requests).splitlines()
    if len(replies) != len(lines):
        sys.exit(f"expected {len(lines)} replies, found {len(replies)}")

    wrong = 0
    for start in range(0, len(lines), BATCH):
        batch = lines[start:start + BATCH]
        encodings = tokenizer.encode_batch([text for _, text in batch])
        for (place, text), encoding, reply in zip(batch, encodings, replies[start:]):
            ids = json.loads(reply)["ids"]
            if lengths_agree(ids, encoding.ids, limit):
                continue
            wrong += 1
            if wrong <= SHOWN:
                print(f"{place}: {text[:200]!r}\n  expected {encoding.ids}\n  found    {ids}")
    print(f"{len(lines)} lines, {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
