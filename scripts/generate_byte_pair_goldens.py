#!/usr/bin/env python3
"""Writes src/tokenizer/testdata/byte_pair_goldens.json.zst: what the reference library makes of many
texts with byte-level BPE, for each of the known splitting rules.

Needs the pip package `tokenizers` (the file in the repository: 0.23.3) and the program zstd.
src/tokenizer/byte_pair_parity_test.cc reads the file.

The texts are those of generate_tokenizer_goldens.py and, for what splitters look at, random mixtures
of apostrophes, white space, numbers, marks and special tokens. One vocabulary is learned from them
and serves all models. Ids are kept as one SHA-256 per block or text, cut to 8 bytes.
"""

import json
import random
import subprocess

import tokenizers
from generate_tokenizer_goldens import (LINE_BLOCK, TESTDATA, adversarial, blocks, code_points, digest,
                                        encode, make_lines, truncations, TRUNCATED_LINES)
from tokenizers import (AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors,
                        trainers)

OUTPUT = TESTDATA / "byte_pair_goldens.json.zst"
VOCABULARY = 2500
MIXTURES = 2000
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")


def split(expression):
    return [pre_tokenizers.Split(Regex(expression), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
SPLITTERS = {
    "gpt-2": [BYTE_LEVEL],
    "gpt-2-split": split(GPT2),
    "qwen2": split(QWEN2),
    "llama-bpe": split(LLAMA3),
    "smollm": [pre_tokenizers.Digits(individual_digits=True), BYTE_LEVEL],
}


def mixtures():
    rng = random.Random(7)
    parts = (["'s", "'S", "'\u017f", "'re", "'VE", "'ll", "'lL", "'d", "'", "''", "\u2019s", " ", "  ",
              "\t", "\n", "\r\n", "\r", "\u00a0", "\u2003", "\u3000", "\u0085", "\u2028", "\x0b", "\x1c",
              "\u200b", "1", "23", "4567890", "\u0663", "\u00bd", "\u2167", "\u4e09", "\U0001d7d8",
              "\U00011de3", "\U00016ff4", "a", "B", "foo", "\u00e9", "e\u0301", "\u0301", "\u05d0",
              "\u65e5\u672c", "\uac00", "\u1100\u1161", "\u212b", "\u0958", "_", "-", "//", ");", "{",
              "\U0001f600", "\u200d", "\ufffd", "\ue000", "\u0378", "<tool>", "<TOOL>", "<|", "|>"]
             + SPECIAL)
    return ["".join(rng.choice(parts) for _ in range(rng.randint(1, 14))) for _ in range(MIXTURES)]


def learn(lines):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(split(QWEN2))
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=VOCABULARY, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return json.loads(tokenizer.to_str())["model"]


def make_models(lines):
    model = learn(lines)
    merges = [tuple(m) for m in model["merges"]]
    made = {}
    for name, splitter in SPLITTERS.items():
        tokenizer = Tokenizer(models.BPE(vocab=model["vocab"], merges=merges,
                                         ignore_merges=name == "llama-bpe"))
        if name == "qwen2":
            tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = (pre_tokenizers.Sequence(splitter) if len(splitter) > 1
                                   else splitter[0])
        tokenizer.add_special_tokens(SPECIAL)
        tokenizer.add_tokens([AddedToken("<tool>", normalized=True),
                              AddedToken("caf\u00e9", normalized=True),
                              AddedToken("  ", normalized=False)])
        byte_level = processors.ByteLevel(trim_offsets=False)
        tokenizer.post_processor = byte_level
        if name == "llama-bpe":
            tokenizer.post_processor = processors.Sequence([byte_level, processors.TemplateProcessing(
                single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|> $B",
                special_tokens=[("<|endoftext|>", tokenizer.token_to_id("<|endoftext|>"))])])
        made[name] = tokenizer.to_str()
    # A vocabulary without most bytes: what it cannot spell is left out, or stands as unknown.
    few = {c: i for i, c in enumerate(["a", "b", "ab", "\u0120", "<unk>", "e"])}
    for name, unknown in (("few", None), ("few-unknown", "<unk>")):
        tokenizer = Tokenizer(models.BPE(vocab=few, merges=[("a", "b")], unk_token=unknown))
        tokenizer.pre_tokenizer = BYTE_LEVEL
        made[name] = tokenizer.to_str()
    return made


def main():
    lines = make_lines((TESTDATA / "seeds.txt").read_text(encoding="utf-8").splitlines())
    texts = [t.decode("utf-8", "replace") for t in adversarial()] + mixtures()
    goldens = {"made_with": f"tokenizers {tokenizers.__version__}",
               "texts": texts, "models": {}}
    for name, file in make_models(lines).items():
        tokenizer = Tokenizer.from_str(file)
        goldens["models"][name] = {
            "file": file,
            "lines": blocks(tokenizer, lines, LINE_BLOCK),
            "truncated": truncations(tokenizer, lines[:TRUNCATED_LINES]),
            "texts": "".join(digest([one]) for one in encode(tokenizer, texts)),
            "code_points": code_points(tokenizer),
        }
    text = json.dumps(goldens, ensure_ascii=False, separators=(",", ":")).encode()
    subprocess.run(["zstd", "--ultra", "-22", f"--stream-size={len(text)}", "-f", "-q", "-o", OUTPUT],
                   input=text, check=True)
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes, {len(text)} unpacked")


if __name__ == "__main__":
    main()
