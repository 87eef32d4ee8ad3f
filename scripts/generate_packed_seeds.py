#!/usr/bin/env python3
"""Writes the seeds of fuzz_packed_file: packed files of the layers that the fuzzer asks for.

  scripts/generate_packed_seeds.py

Written from the description in src/model/packed_file.h. Needs Python alone.
"""
import hashlib
import pathlib
import struct

SEEDS = pathlib.Path(__file__).parent.parent / "tests/fuzz/corpus/fuzz_packed_file"
HEADER = 144
ALIGNMENT = 64


def packed_file(sections):
    body, directory = b"", struct.pack("<I", len(sections))
    for name, content in sections:
        body += bytes(-(HEADER + len(body)) % ALIGNMENT)
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<QQ", HEADER + len(body), len(content))
        body += content
    place = HEADER + len(body)
    header = b"coderank" + struct.pack("<II", 1, 0) + bytes(32)
    header += struct.pack("<QqQQ", place + len(directory), 0, place, len(directory))
    header += hashlib.sha256(body).digest()
    header += hashlib.sha256(header + directory).digest()
    return header + body + directory


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def projection(name, columns, outliers):
    """5 inputs, padded to 64, and `columns` columns: see src/kernels/int8.h."""
    return [(name + "#panels", bytes(i % 251 for i in range(columns * 64))),
            (name + "#scale", floats([0.01] * columns)),
            (name + "#sum", floats([0.5] * columns)),
            (name + "#bias", floats([-1.0] * columns)),
            (name + "#outlier_weights", floats([0.25] * columns * len(outliers))),
            (name + "#outlier_channels", struct.pack(f"<{len(outliers)}I", *outliers)),
            (name + "#channel_scale", floats([1.0] * 5))]


def main():
    SEEDS.mkdir(parents=True, exist_ok=True)
    rest = [("g", floats([1.0] * 5)), ("b", floats([0.0] * 5)), ("t", bytes(2 * 3 * 5))]
    seeds = {"layers.pack": projection("w", 16, [1, 4]) + projection("up", 32, []) + rest,
             "projection.pack": projection("w", 16, []), "empty.pack": []}
    for name, sections in seeds.items():
        (SEEDS / name).write_bytes(packed_file(sections))


if __name__ == "__main__":
    main()
