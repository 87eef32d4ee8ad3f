#!/usr/bin/env python3
"""Writes src/text/unicode_tables.cc from what the `tokenizers` package does.

Needs the pip package `tokenizers` (the tables in the repository: 0.23.3). Every Unicode scalar
value is put through its normalisers and splitters, so the tables hold what that library does, not
what some version of the Unicode standard says: it mixes several versions itself.

    python3 scripts/generate_unicode_tables.py [--check]

--check compares with the file in the repository instead of writing it.
"""

import argparse
import collections
import pathlib
import subprocess
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "src/text/unicode_tables.cc"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]

# The bits of CharacterFlag in unicode_tables.h.
CONTROL, SPACE, MARK, PUNCTUATION, CJK, WORD = 1, 2, 4, 8, 16, 32
LETTER, NUMBER, NUMERIC, COMPOSED = 512, 1024, 2048, 4096


def bert(**on):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**options, **on}).normalize_str


def probe_word_characters():
    """Characters that stop an added token with single_word beside them: the regex class \\w."""
    probe = Tokenizer(models.WordLevel({"?": 0, "X": 1}, unk_token="?"))
    probe.add_tokens([AddedToken("X", single_word=True, normalized=False)])
    texts = [chr(c) + "X" for c in SCALARS]
    encodings = probe.encode_batch(texts)
    return {c for c, e in zip(SCALARS, encodings) if 1 not in e.ids and chr(c) != "X"} | {ord("X")}


def probe_class(expression):
    """The characters that a class of regular expressions matches."""
    split = pre_tokenizers.Split(Regex(expression), "removed").pre_tokenize_str
    kept = {ord(c) for piece, _ in split("".join(map(chr, SCALARS))) for c in piece}
    return {c for c in SCALARS if c not in kept}


def probe_numeric():
    """What the splitter of digits isolates: another version of Unicode than \\p{N}."""
    split = pre_tokenizers.Digits(individual_digits=True).pre_tokenize_str
    return {c for c in SCALARS if len(split("a" + chr(c) + "a")) == 3}


def probe_byte_pair_flags(decompositions):
    """What splitters and normalisers of byte-level tokenizers look at."""
    nfc = normalizers.NFC().normalize_str
    flags = collections.Counter()
    for c in probe_class(r"\p{L}"):
        flags[c] |= LETTER
    for c in probe_class(r"\p{N}"):
        flags[c] |= NUMBER
    for c in probe_numeric():
        flags[c] |= NUMERIC
    for c in decompositions:
        if nfc(chr(c)) == chr(c):
            flags[c] |= COMPOSED
    return flags


def probe_flags(decompositions):
    clean, cjk, strip = bert(clean_text=True), bert(handle_chinese_chars=True), bert(strip_accents=True)
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    words = probe_word_characters()
    byte_pair = probe_byte_pair_flags(decompositions)
    flags = {}
    for c in SCALARS:
        text = "a" + chr(c) + "b"
        value = 0
        if clean(text) == "ab":
            value |= CONTROL
        if c not in decompositions and strip(text) == "ab":
            value |= MARK
        if cjk(text) != text:
            assert cjk(text) == "a " + chr(c) + " b"
            value |= CJK
        pieces = [piece for piece, _ in split(text)]
        if pieces == ["a", "b"]:
            value |= SPACE
            # clean_text maps the white space that it does not drop, and TAB, LF, CR, to a space.
            assert value & CONTROL or clean(text) == "a b"
        elif len(pieces) == 3:
            value |= PUNCTUATION
        else:
            assert pieces == [text], hex(c)
            assert value & CONTROL or clean(text) == text, hex(c)
        if c in words:
            value |= WORD
        value |= byte_pair[c]
        if value:
            flags[c] = value
    assert {c for c in flags if flags[c] & SPACE} == probe_class(r"\s")
    return flags


def hangul(c):
    index = c - 0xAC00
    parts = [0x1100 + index // 588, 0x1161 + index % 588 // 28]
    return parts + ([0x11A7 + index % 28] if index % 28 else [])


def probe_decompositions():
    nfd = normalizers.NFD().normalize_str
    found = {c: [ord(d) for d in nfd(chr(c))] for c in SCALARS if nfd(chr(c)) != chr(c)}
    for c in range(0xAC00, 0xD7A4):  # computed by the C++ code
        assert found.pop(c) == hangul(c), hex(c)
    return found


def probe_combining_classes(decompositions):
    """Where a mark sorts among marks of known class. Classes never change once assigned."""
    nfd = normalizers.NFD().normalize_str

    def swaps(first, second):
        return first != second and nfd("a" + first + second) == "a" + second + first

    # U+0334 has the lowest class, U+0345 the highest: what passes neither is no mark.
    marks = [chr(c) for c in SCALARS if c not in decompositions
             and (swaps(chr(c), "\u0334") or swaps("\u0345", chr(c)))]
    known = {unicodedata.combining(m): m for m in marks if unicodedata.combining(m)}
    classes = {}
    for mark in marks:
        equal = [k for k, r in known.items() if not swaps(mark, r) and not swaps(r, mark)]
        assert len(equal) == 1, ascii(mark)
        assert unicodedata.combining(mark) in (0, equal[0]), ascii(mark)
        classes[ord(mark)] = equal[0]
    return classes


def probe_lowercase():
    lower = normalizers.Lowercase().normalize_str
    table = {c: [ord(d) for d in lower(chr(c))] for c in SCALARS if lower(chr(c)) != chr(c)}
    # The one character that becomes two is handled by the C++ code.
    assert table.pop(0x130) == [0x69, 0x307]
    assert all(len(to) == 1 for to in table.values())
    return {c: to[0] for c, to in table.items()}


def value_ranges(table):
    """[first, last, value] of neighbours with equal value."""
    ranges = []
    for c in sorted(table):
        if ranges and ranges[-1][1] == c - 1 and ranges[-1][2] == table[c]:
            ranges[-1][1] = c
        else:
            ranges.append([c, c, table[c]])
    return ranges


def lowercase_ranges(table):
    """[first, last, step, delta]; step 2 for the alphabets that alternate upper and lower case."""
    ranges = []
    for c in sorted(table):
        delta = table[c] - c
        if ranges:
            first, last, step, previous = ranges[-1]
            gap = c - last
            if previous == delta and gap in (1, 2) and (first == last or step == gap):
                ranges[-1] = [first, c, gap, delta]
                continue
        ranges.append([c, c, 1, delta])
    return ranges


def array(kind, name, rows):
    body = ", ".join("{" + ", ".join(row) + "}" for row in rows)
    return (f"const {kind} {name}Data[] = {{{body}}};\n",
            f"const std::span<const {kind}> {name}({name}Data);\n")


def render():
    decompositions = probe_decompositions()
    flags = value_ranges(probe_flags(decompositions))
    classes = value_ranges(probe_combining_classes(decompositions))
    lower = lowercase_ranges(probe_lowercase())
    tables = [
        array("FlagRange", "kFlagRanges", [(f"0x{a:X}", f"0x{b:X}", str(v)) for a, b, v in flags]),
        array("CombiningRange", "kCombiningRanges",
              [(f"0x{a:X}", f"0x{b:X}", str(v)) for a, b, v in classes]),
        array("LowercaseRange", "kLowercaseRanges",
              [(f"0x{a:X}", f"0x{b:X}", str(s), str(d)) for a, b, s, d in lower]),
        array("Decomposition", "kDecompositions",
              [(f"0x{c:X}", "{" + ", ".join(f"0x{d:X}" for d in to) + "}")
               for c, to in sorted(decompositions.items())]),
    ]
    text = (
        f"// Generated by scripts/generate_unicode_tables.py from tokenizers {tokenizers.__version__}."
        " Do not edit.\n"
        '#include "text/unicode_tables.h"\n\nnamespace coderank {\nnamespace {\n\n'
        + "\n".join(data for data, _ in tables)
        + "\n}  // namespace\n\n"
        + "\n".join(span for _, span in tables)
        + "\n}  // namespace coderank\n")
    counts = collections.Counter(flags=len(flags), classes=len(classes), lowercase=len(lower),
                                 decompositions=len(decompositions))
    print("ranges:", dict(counts), file=sys.stderr)
    return subprocess.run(["clang-format-16", f"--assume-filename={OUTPUT}"], input=text,
                          capture_output=True, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments = parser.parse_args()
    text = render()
    if arguments.check:
        sys.exit(0 if OUTPUT.read_text() == text else f"{OUTPUT} differs: run without --check")
    OUTPUT.write_text(text)


if __name__ == "__main__":
    main()
