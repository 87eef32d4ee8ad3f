#!/usr/bin/env python3
"""Compares the token ids of a decoder's tokenizer with those of the reference library.

Needs the pip package `tokenizers`, for a GGUF file also `transformers` and `gguf`; and
decoder_bench of the preset `bench`. Every line of the files is one text, and so are random mixtures
of what splitters look at; bytes that are not UTF-8 become U+FFFD on both sides.

    python3 scripts/check_byte_pair_parity.py --binary build/bench/bin/decoder_bench \\
        --model FOLDER-OR-GGUF FILE...

Exit code 0 when all texts agree, 1 with the first differences otherwise.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys

import tokenizers

SHOWN = 10
MIXTURES = 5000


def reference(model):
    if model.is_dir():
        return tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    import gguf
    import transformers
    tokenizer = transformers.AutoTokenizer.from_pretrained(
        model.parent, gguf_file=model.name).backend_tokenizer
    restore(tokenizer, gguf.GGUFReader(model).get_field("tokenizer.ggml.pre").contents())
    return tokenizer


def restore(tokenizer, splitter):
    """What a GGUF file only names, and the library leaves out when it reads one: the normalizer of
    Qwen2's tokenizer.json and the first splitter of SmolLM2's."""
    if splitter == "qwen2":
        tokenizer.normalizer = tokenizers.normalizers.NFC()
    if splitter == "smollm":
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
            tokenizers.pre_tokenizers.Digits(individual_digits=True),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])


def mixtures(tokenizer):
    rng = random.Random(11)
    special = [t.content for t in tokenizer.get_added_tokens_decoder().values()][:30]
    parts = ["'s", "'S", "'\u017f", "'re", "'LL", "'", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028",
             "\u200b", "1", "234", "\u0663", "\u00bd", "a", "Foo", "\u00e9", "e\u0301", "\u0301",
             "\u65e5\u672c", "\u1100\u1161", "\u212b", "_", "//", ");", "\U0001f600", "\u200d"] + special
    return ["".join(rng.choice(parts) for _ in range(rng.randint(1, 20))) for _ in range(MIXTURES)]


def read_lines(files):
    for path in files:
        for line in path.read_bytes().split(b"\n"):
            if line:
                yield line.decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    tokenizer = reference(arguments.model)
    texts = list(read_lines(arguments.files)) + mixtures(tokenizer)
    output = subprocess.run([arguments.binary, "tokenize", arguments.model], check=True, text=True,
                            input="".join(json.dumps(t) + "\n" for t in texts),
                            stdout=subprocess.PIPE).stdout
    ours = [json.loads(line) for line in output.splitlines()]
    theirs = [e.ids for e in tokenizer.encode_batch(texts)]
    differ = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    for i in differ[:SHOWN]:
        print(f"{texts[i]!r}\n  ours   {ours[i]}\n  theirs {theirs[i]}")
    print(f"{len(texts)} texts, {len(differ)} differ")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
