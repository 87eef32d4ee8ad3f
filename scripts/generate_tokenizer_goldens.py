#!/usr/bin/env python3
"""Writes src/tokenizer/testdata/goldens.json.zst: what the reference tokenizer makes of many texts.

Needs the pip packages `tokenizers` and `transformers` (the file in the repository: 0.23.3 and
5.23.0) and the program zstd. src/tokenizer/parity_test.cc reads the file.

    python3 scripts/generate_tokenizer_goldens.py [--minilm FOLDER]

--minilm adds expectations for the real vocabulary of all-MiniLM-L6-v2, whose files are not part of
the repository; the test checks them where CODERANK_TEST_MODEL_DIR names the folder. Without the
option the expectations in the present file are kept.

The texts are made here from src/tokenizer/testdata/seeds.txt by a seeded generator: identifiers are
renamed, lines joined, cut and sprinkled with marks, odd white space and special tokens. The
vocabulary is made from the same texts. Ids are kept as one SHA-256 per block, cut to 8 bytes.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import random
import re
import struct
import subprocess
import tempfile
import unicodedata

import tokenizers
import transformers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

TESTDATA = pathlib.Path(__file__).resolve().parent.parent / "src/tokenizer/testdata"
OUTPUT = TESTDATA / "goldens.json.zst"
LINES = 20_000
LINE_BLOCK = 100
CODE_POINT_BLOCK = 256
VOCABULARY_WORDS = 3000
LIMITS = [2, 3, 5, 8, 13, 64]  # max_tokens of the truncation goldens
TRUNCATED_LINES = 1000
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# ---------------------------------------------------------------------------------- the texts

WORDS = ("get set load store parse token buffer index node map list user name id count max min "
         "http json xml url Größe naïve été İd ΣΑΣ über данные 数据 データ 한글 עברית").split()
SPRINKLES = (SPECIAL + ["\u0301", "\u0323\u0301", "\u0345", "\u200b", "\u200d", "\ufeff", "\u00ad",
                        "\u00a0", "\u2003", "\u3000", "\u2028", "\t", "\r", "\x0b", "\x00", "\x7f",
                        "\x85", "\ufffd", "\u202e", "\ufe0f", "\u20dd", "\u1abf", "\U00010a0d",
                        "\u0e33", "\u302e", "\u1d165", "\u06dd", "\ue000", "\u0378", "\u2f00",
                        "\U0001f600", "\U0002f800", "\u3099", "e\u0301", "\u1e9e", "\ufb01", "_", "__"])


def identifier(rng):
    parts = [rng.choice(WORDS) for _ in range(rng.randint(1, 4))]
    style = rng.randrange(5)
    if style == 0:
        return "_".join(parts)
    if style == 1:
        return "".join(p.capitalize() for p in parts)
    if style == 2:
        return parts[0] + "".join(p.capitalize() for p in parts[1:]) + str(rng.randrange(100))
    return "_".join(parts).upper() if style == 3 else "-".join(parts)


def mutate(rng, seeds):
    text = rng.choice(seeds)
    text = re.sub(r"[A-Za-z_]{4,}",
                  lambda m: identifier(rng) if rng.random() < 0.3 else m.group(), text)
    action = rng.randrange(10)
    if action == 0:
        text += " " + rng.choice(seeds)
    elif action == 1:
        text = text[rng.randrange(len(text)):]
    elif action == 2:
        text = text.swapcase()
    elif action == 3:
        text = unicodedata.normalize(rng.choice(["NFC", "NFD", "NFKC", "NFKD"]), text)
    elif action == 4:
        text = "".join(rng.sample(text, len(text)))
    for _ in range(rng.choice([0, 0, 0, 1, 2, 4])):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(SPRINKLES) + text[at:]
    return text


def make_lines(seeds):
    rng = random.Random(20240611)
    return seeds + [mutate(rng, seeds) for _ in range(LINES - len(seeds))]


def adversarial():
    """Byte strings; ill-formed UTF-8 is read as bytes.decode("utf-8", "replace") reads it."""
    rng = random.Random(7)
    marks = [chr(c) for c in range(0x110000) if unicodedata.combining(chr(c))]
    marks += ["\u1abf", "\u1ac0", "\U0001e2ae", "\U0001e08f", "\U00010efd"]  # newer than some tables
    texts = ["", " ", "\0", "a\0b", "\x00\x01\x02", "a", "[CLS]", "[SEP]", "[CLS][SEP]", " [MASK]x",
             "x[MASK] y", "[mask]", "[MASK", "MASK]", "[[CLS]]", "[CLS]\u0301", "[C\u0301LS]", "[UNK]a",
             "foo[PAD]bar", "##a", "a##b", "# #", "[UNK]", "[CLS] [SEP] [PAD]", "\ufffd", "a\ufffdb",
             "\ufffd[SEP]\ufffd", "\u200b", "a\u200bb", "a\u200d\u200cb", "\u202eabc\u202c", "\ufeffabc",
             "日本語", "日 本語a", "a日b", "\u3400\u4dbf\u4dc0\u9fff\ua000", "\uf900\ufaff\ufb00",
             "\U0002b81f\U0002b820\U0002b91f\U0002b920\U0002ceaf\U0002ceb0\U0002fa1f\U00030000",
             "각값뷁힣", "\u1100\u1161\u11a8", "ㄱㄴㄷ", "각\u11a8\u0301", "İstanbul I İ ı i\u0307",
             "ΑΣ ΑΣΑ Σ ς", "ß ẞ ﬁ ŉ ǰ", "Å Å K Ω", "\u1e9b\u0323", "\u0344 \u0340 \u0374 \u037e",
             "\u2126\u212a", "\u0958\u0959", "\u0f43\u0f73\u0f81", "\u226e\u2260", "≮a", "\u1fef`",
             "👩\u200d👩\u200d👧", "🇳🇴", "❤\ufe0f", "#\ufe0f\u20e3", "a\u20ddb", "\u302e\u302f\u0301a"]
    for count in (1, 99, 100, 101, 200, 10_000):
        texts += ["a" * count, "é" * count, "e\u0301" * count, "a" + "\u0301" * count, "ﬁ" * count,
                  "\u1abf" * count, "語" * count, "각" * count, "İ" * count, " " * count + "x",
                  "-" * count, "a" * count + " b", "a" * count + "[SEP]" + "a" * count]
    for _ in range(300):
        run = "".join(rng.choice(marks) for _ in range(rng.randint(1, 12)))
        texts.append(rng.choice("aeéσﾊ각ก\u0e33") + run + rng.choice(["", "b", " ", "."]) + run[::-1])
    for _ in range(100):
        texts.append("".join(rng.choice(SPRINKLES + ["a", "B", "é", " ", "日"]) for _ in range(12)))
    encoded = [t.encode() for t in texts]
    broken = [b"\xff", b"a\xffb", b"\xe2\x82", b"\xe2\x82z", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf0\x9f\x98",
              b"\xf4\x90\x80\x80", b"\x80\x80[SEP]", b"[SE\xffP]", b"caf\xc3", b"\xc3\xc3\xa9", b"\xf8\x88\x80\x80\x80"]
    broken += [bytes(rng.choice(b"a [S]\x80\xbf\xc3\xa9\xe2\x82\xf0\x9f\xff") for _ in range(16))
               for _ in range(60)]
    return encoded + broken


# ---------------------------------------------------------------------------------- the models

def make_pieces(lines):
    """Pieces from the texts, and single characters that tell normalisations apart."""
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    starts, rests = collections.Counter(), collections.Counter()
    for lowercase in (False, True):
        normalize = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=lowercase).normalize_str
        for word, count in collections.Counter(
                w for line in lines for w, _ in split(normalize(line))).items():
            for length in range(2, min(len(word), 12) + 1):
                starts[word[:length]] += count * length
            for at in range(1, min(len(word), 20)):
                for length in range(2, 5):
                    if at + length <= len(word):
                        rests["##" + word[at:at + length]] += count * length
    ranked = [w for counter in (starts, rests)
              for w, _ in sorted(counter.items(), key=lambda i: (-i[1], i[0]))[:VOCABULARY_WORDS]]
    characters = {c for line in lines for c in line}
    nfd, lower = normalizers.NFD().normalize_str, normalizers.Lowercase().normalize_str
    for c in map(chr, list(range(0xD800)) + list(range(0xE000, 0x110000))):
        for form in (nfd(c), lower(c), lower(nfd(c))):
            if form != c and not "\uac00" <= c <= "\ud7a3":
                characters.update(form)
        if c < "\u2000" and unicodedata.category(c)[0] in "LN":
            characters.add(c)
    characters = sorted(c for c in characters if not c.isspace() and c.isprintable())
    pieces = characters + ["##" + c for c in characters] + ranked
    return list(dict.fromkeys(pieces))


def bert(vocabulary, **normalizer):
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(**normalizer)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(t, vocabulary[t]) for t in ("[CLS]", "[SEP]")])
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


def small_model():
    """Unusual in all that may vary: names, ids, prefix, word length, flags of added tokens."""
    pieces = ["a", "b", "c", "é", "é", "@@a", "@@b", "@@ab", "ab", "abc", "the", "@@語", "語", ".", "<", ">",
              "x", "@@x", "foo", "bar", "<unk>", "<e>", "<b>", "if", "_", "@@e", "e", "@@o", "o", "@@f", "f"]
    vocabulary = {piece: 7 + 3 * i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="<unk>", max_input_chars_per_word=12,
                                           continuing_subword_prefix="@@"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(
        ("<e>", vocabulary["<e>"]), ("<b>", vocabulary["<b>"]))
    tokenizer.add_special_tokens(["<unk>", "<b>", "<e>"])
    tokenizer.add_tokens([
        AddedToken("token", single_word=True, normalized=False),
        AddedToken("IF", single_word=True, normalized=True),
        AddedToken("Größe", normalized=True),
        AddedToken("[MASK]", lstrip=True, special=True),
        AddedToken("[SEP]", rstrip=True, special=True),
        AddedToken(" de", normalized=False),
        AddedToken(" the", lstrip=True, rstrip=True, normalized=False),
        AddedToken("data", lstrip=True, rstrip=True, normalized=True),
        AddedToken("::", normalized=False), AddedToken(":::", normalized=False)])
    return tokenizer


def vocabulary_folder(pieces):
    """The files of a model without tokenizer.json."""
    lines = SPECIAL[:2] + ["", "[B]", "[E]", "a"] + pieces[:2500] + ["[M]", "a", "trailing \t", "", ""]
    config = {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False,
              "cls_token": "[B]", "mask_token": {"__type": "AddedToken", "content": "[M]", "lstrip": True,
                                                 "rstrip": False, "single_word": False, "normalized": False},
              "sep_token": "[E]", "tokenizer_class": "BertTokenizer",
              "added_tokens_decoder": {
                  "1": {"content": "[UNK]", "lstrip": False, "normalized": False, "rstrip": True,
                        "single_word": False, "special": True},
                  "99999": {"content": "token", "lstrip": False, "normalized": False, "rstrip": False,
                            "single_word": True, "special": False}}}
    return {"vocab.txt": "\r\n".join(lines) + "\r\n", "tokenizer_config.json": json.dumps(config)}


def from_vocabulary(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (pathlib.Path(folder) / name).write_bytes(content.encode())
        return transformers.BertTokenizerFast.from_pretrained(folder).backend_tokenizer


def make_models(lines):
    pieces = make_pieces(lines)
    vocabulary = {piece: i for i, piece in enumerate(SPECIAL + pieces)}
    variants = {
        "uncased": dict(lowercase=True),
        "cased": dict(lowercase=False),
        "cased_stripped": dict(lowercase=False, strip_accents=True),
        "uncased_accented": dict(lowercase=True, strip_accents=False),
        "no_chinese": dict(lowercase=True, handle_chinese_chars=False),
        "not_cleaned": dict(lowercase=True, clean_text=False),
    }
    texts = {name: bert(vocabulary, **options).to_str() for name, options in variants.items()}
    texts["small"] = small_model().to_str()
    # Read back: loading gives added tokens other ids than building where ids have gaps.
    made = {name: ({"tokenizer.json": text}, Tokenizer.from_str(text)) for name, text in texts.items()}
    files = vocabulary_folder(pieces)
    made["vocabulary"] = (files, from_vocabulary(files))
    return made


# ---------------------------------------------------------------------------- the expectations

def digest(encodings):
    data = hashlib.sha256()
    for ids, truncated in encodings:
        data.update(struct.pack(f"<ii{len(ids)}i", len(ids), truncated, *ids))
    return data.hexdigest()[:16]


def encode(tokenizer, texts):
    return [(e.ids, 0) for e in tokenizer.encode_batch(texts)]


def blocks(tokenizer, texts, size):
    return "".join(digest(encode(tokenizer, texts[i:i + size])) for i in range(0, len(texts), size))


def code_points(tokenizer):
    """One digest per 256 code points over the texts "a" + c + "b" and c; surrogates left out."""
    result = ""
    for first in range(0, 0x110000, CODE_POINT_BLOCK):
        block = [chr(c) for c in range(first, first + CODE_POINT_BLOCK) if not 0xD800 <= c <= 0xDFFF]
        result += digest(encode(tokenizer, [t for c in block for t in ("a" + c + "b", c)]))
    return result


def truncations(tokenizer, lines):
    full = [e.ids for e in tokenizer.encode_batch(lines)]
    result = {}
    for limit in LIMITS:
        tokenizer.enable_truncation(limit)
        cut = [e.ids for e in tokenizer.encode_batch(lines)]
        tokenizer.no_truncation()
        result[str(limit)] = digest([(c, int(len(f) > limit)) for c, f in zip(cut, full)])
    return result


def expectations(tokenizer, lines, texts, with_code_points):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    result = {
        "lines": blocks(tokenizer, lines, LINE_BLOCK),
        "truncated": truncations(tokenizer, lines[:TRUNCATED_LINES]),
        "texts": [ids for ids, _ in
                  encode(tokenizer, [t.decode("utf-8", "replace") for t in texts])],
    }
    if with_code_points:
        result["code_points"] = code_points(tokenizer)
    return result


def minilm(folder, lines, texts):
    path = folder / "tokenizer.json"
    result = expectations(Tokenizer.from_file(str(path)), lines, texts, True)
    result["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minilm", type=pathlib.Path, help="folder of all-MiniLM-L6-v2")
    arguments = parser.parse_args()
    lines = make_lines((TESTDATA / "seeds.txt").read_text(encoding="utf-8").splitlines())
    texts = adversarial()
    goldens = {"made_with": f"tokenizers {tokenizers.__version__}, transformers {transformers.__version__}",
               "lines": lines, "texts": [t.hex() for t in texts], "models": {}}
    for name, (files, tokenizer) in make_models(lines).items():
        goldens["models"][name] = {
            "files": files,
            **expectations(tokenizer, lines, texts, name in ("uncased", "cased", "not_cleaned"))}
    if arguments.minilm:
        goldens["minilm"] = minilm(arguments.minilm, lines, texts)
    elif OUTPUT.exists():
        present = subprocess.run(["zstd", "-dc", OUTPUT], stdout=subprocess.PIPE, check=True).stdout
        goldens["minilm"] = json.loads(present)["minilm"]
    text = json.dumps(goldens, ensure_ascii=False, separators=(",", ":")).encode()
    subprocess.run(["zstd", "--ultra", "-22", f"--stream-size={len(text)}", "-f", "-q", "-o", OUTPUT],
                   input=text, check=True)
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes, {len(text)} unpacked")


if __name__ == "__main__":
    main()
