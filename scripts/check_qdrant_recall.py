#!/usr/bin/env python3
"""Measures what Qdrant's binary quantization costs, on its real engine in this process.

    pip install qdrant-edge-py numpy
    scripts/check_qdrant_recall.py --model all-MiniLM-L6-v2 --count 20000 FOLDER...

Texts are windows of lines of the files below the folders; their vectors come from `coderank embed`, and so
do those of the queries, which are the first comment lines of windows that are held back. A shard is made
with the settings of `collection migrate` (src/qdrant/collection_info.cc), and others beside, and each query is
asked as `search --collection` asks it. Prints recall@10 against exact products, by how many candidates are
rescored, and times of one query. What scores as high as the tenth best counts as found: windows repeat.

Recall is printed twice: of every other query, by which the factors in src/qdrant/collection_info.cc are chosen,
and of the rest, which the choice has not seen.
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
QUERIES = 600
WANTED = 10
CANDIDATES = 100  # of a collection's search
OVERSAMPLING = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
ROUNDING = 1e-6  # of f32 products of unit vectors, and some


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


def make_shard(folder, vectors, query_encoding):
    config = edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(size=vectors.shape[1], distance=edge.Distance.Cosine, on_disk=True),
        hnsw_config=edge.HnswIndexConfig(m=16, ef_construct=100, full_scan_threshold=10000),
        quantization_config=edge.BinaryQuantizationConfig(always_ram=True, query_encoding=query_encoding),
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


def report(shard, queries, scores, name, params, limit):
    recalls, times = [], []
    for vector, row in zip(queries, scores):
        started = time.monotonic()
        found = ask(shard, vector, params, limit)
        times.append(1000 * (time.monotonic() - started))
        tenth = numpy.partition(row, -WANTED)[-WANTED]
        recalls.append(float(numpy.mean(row[found] >= tenth - ROUNDING)))
    print(f"{name:36} recall@10: to choose by {statistics.mean(recalls[::2]):.4f}, "
          f"held out {statistics.mean(recalls[1::2]):.4f}   worst {min(recalls):.1f}   "
          f"p50 {statistics.median(times):.2f} ms", flush=True)


def measure(documents, queries, scores, encoding):
    with tempfile.TemporaryDirectory() as folder:
        shard, seconds = make_shard(folder, documents, getattr(edge.BinaryQuantizationQueryEncoding, encoding))
        print(f"query encoding {encoding}, indexed in {seconds:.1f} s")
        exact = edge.SearchParams(exact=True, quantization=edge.QuantizationSearchParams(ignore=True))
        report(shard, queries, scores, "exact", exact, CANDIDATES)
        for limit in (WANTED, CANDIDATES):
            for oversampling in OVERSAMPLING:
                params = edge.SearchParams(quantization=edge.QuantizationSearchParams(
                    rescore=True, oversampling=oversampling))
                report(shard, queries, scores, f"binary, limit {limit}, oversampling {oversampling:g}",
                       params, limit)


def main():
    arguments = parse_arguments()
    texts = windows(arguments.folders, arguments.count)
    stride = max(1, len(texts) // QUERIES)
    held = set(range(0, len(texts), stride))
    documents = embed(arguments, [text for i, text in enumerate(texts) if i not in held], query=False)
    queries = embed(arguments, [query_of(texts[i]) for i in sorted(held)], query=True)
    scores = queries @ documents.T
    print(f"{len(documents)} vectors of {documents.shape[1]} numbers, {len(queries)} queries")
    for encoding in ("Binary", "Scalar4Bits", "Scalar8Bits"):
        measure(documents, queries, scores, encoding)


if __name__ == "__main__":
    main()
