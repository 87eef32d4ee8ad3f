#!/usr/bin/env python3
"""Measures what Qdrant's binary quantization costs, on its real engine in this process.

    pip install qdrant-edge-py numpy
    scripts/check_qdrant_recall.py --model all-MiniLM-L6-v2 --count 20000 FOLDER...

Texts are windows of lines of the files below the folders; their vectors come from `coderank embed`, and so
do those of the queries, which are the first comment lines of windows that are held back. A shard is made
with the settings of `collection migrate` (src/qdrant/collection_info.cc), and each query asked as `search
--collection` asks it. Prints recall@10 against exact search, by oversampling, and times of one query.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import qdrant_edge as edge

LINES = 30
QUERIES = 300
WANTED = 10
CANDIDATES = 100  # of a collection's search


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--coderank", default="build/release/bin/coderank")
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=20000)
    return parser.parse_args()


def windows(folders, count):
    found = []
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix not in (".c", ".cc", ".cpp", ".h", ".hpp", ".py", ".md", ".rs", ".go", ".js", ".ts"):
                continue
            lines = path.read_text(errors="replace").splitlines()
            for start in range(0, len(lines), LINES):
                text = "\n".join(lines[start:start + LINES]).strip()
                if len(text) > 80:
                    found.append(text)
            if len(found) >= count + QUERIES:
                return found[:count + QUERIES]
    return found


def query_of(text):
    """Prose where the window has some: what a person would write."""
    prose = [line.strip("/*#\"' \t") for line in text.splitlines() if line.strip().startswith(("//", "#", "*", '"""'))]
    return " ".join(prose)[:200] or text.splitlines()[0][:200]


def embed(arguments, texts, query):
    command = [arguments.coderank, "embed", "--jsonl", "--model", arguments.model]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    out = subprocess.run(command + (["--query"] if query else []), input=lines, text=True,
                         capture_output=True, check=True).stdout
    return numpy.array([json.loads(line)["vector"] for line in out.splitlines()], dtype=numpy.float32)


def make_shard(folder, vectors):
    config = edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(size=vectors.shape[1], distance=edge.Distance.Cosine, on_disk=True),
        hnsw_config=edge.HnswIndexConfig(m=16, ef_construct=100, full_scan_threshold=10000),
        quantization_config=edge.BinaryQuantizationConfig(always_ram=True),
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=1000))
    shard = edge.EdgeShard.create(folder, config)
    for start in range(0, len(vectors), 256):
        shard.update(edge.UpdateOperation.upsert_points(
            [edge.Point(id=start + i, vector=row.tolist(), payload={})
             for i, row in enumerate(vectors[start:start + 256])]))
    started = time.monotonic()
    shard.optimize()
    return shard, time.monotonic() - started


def ask(shard, vector, params, limit):
    found = shard.query(edge.QueryRequest(query=edge.Query.Nearest(vector.tolist()), limit=limit, params=params))
    return [point.id for point in found][:WANTED]


def report(shard, queries, truth, name, params, limit):
    recalls, times = [], []
    for vector, expected in zip(queries, truth):
        started = time.monotonic()
        found = ask(shard, vector, params, limit)
        times.append(1000 * (time.monotonic() - started))
        recalls.append(len(set(found) & expected) / WANTED)
    print(f"{name:34} recall@10 {statistics.mean(recalls):.4f}   worst {min(recalls):.1f}   "
          f"p50 {statistics.median(times):.2f} ms")


def main():
    arguments = parse_arguments()
    texts = windows(arguments.folders, arguments.count)
    stride = max(1, len(texts) // QUERIES)
    held = set(range(0, len(texts), stride))
    documents = embed(arguments, [text for i, text in enumerate(texts) if i not in held], query=False)
    queries = embed(arguments, [query_of(texts[i]) for i in sorted(held)], query=True)
    scores = queries @ documents.T
    truth = [set(numpy.argsort(-row, kind="stable")[:WANTED].tolist()) for row in scores]
    with tempfile.TemporaryDirectory() as folder:
        shard, seconds = make_shard(folder, documents)
        print(f"{len(documents)} vectors of {documents.shape[1]} numbers, {len(queries)} queries, "
              f"indexed in {seconds:.1f} s")
        exact = edge.SearchParams(exact=True, quantization=edge.QuantizationSearchParams(ignore=True))
        report(shard, queries, truth, "exact", exact, CANDIDATES)
        for limit in (WANTED, CANDIDATES):
            for oversampling in (1.0, 2.0, 3.0, 4.0):
                params = edge.SearchParams(quantization=edge.QuantizationSearchParams(
                    rescore=True, oversampling=oversampling))
                report(shard, queries, truth, f"binary, limit {limit}, oversampling {oversampling:g}",
                       params, limit)


if __name__ == "__main__":
    main()
