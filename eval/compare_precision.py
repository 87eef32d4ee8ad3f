#!/usr/bin/env python3
"""How far the quantised encoder is from f32, by the real program.

  eval/compare_precision.py --binary build/release/bin/coderank --model NAME TREE...
  eval/compare_precision.py --binary ... --model NAME --isa avx2 --limits 0.999 0.997 TREE...
  eval/compare_precision.py --binary ... --model NAME --eval DATA --sources OUT [TREE...]

Embeds windows of 30 lines from the text files of the trees, and queries, with both precisions and
prints the cosine between the two vectors of each text, the mean pairwise cosine of the f32 vectors
beside it (when all vectors are alike, a high cosine proves little), and how often a text's nearest
other text is the same. With an evaluation folder (--eval or CODERANK_EVAL_DIR; its layout is told
in docs/evaluation.md) its queries are embedded too, and with --sources each repository is indexed with
both precisions and NDCG@10 is printed. Exit status: 0; 1 when --limits or --ndcg-limit are
missed; 2 when the program ignores the precision asked for.

The precision is chosen by CODERANK_PRECISION, the kernels by CODERANK_FORCE_ISA (--isa). Needs the
pip package numpy; never runs in CI.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys

import numpy
import retrieval

WINDOW_LINES = 30
LEAST_CHARACTERS = 80  # a window with less has nothing to compare
FILE_BYTES = range(200, 1_000_000)


def text_files(tree):
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = pathlib.Path(folder) / name
            if not name.startswith(".") and path.is_file() and path.stat().st_size in FILE_BYTES:
                yield path


def windows_of(path):
    data = path.read_bytes()
    if b"\0" in data:
        return []
    lines = data.decode("utf-8", "replace").split("\n")
    texts = ["\n".join(lines[i:i + WINDOW_LINES]) for i in range(0, len(lines), WINDOW_LINES)]
    return [text for text in texts if len("".join(text.split())) >= LEAST_CHARACTERS]


def sample_windows(trees, wanted, seed):
    """As many from each tree, and within a tree from each file, as there are."""
    rng = random.Random(seed)
    per_tree = []
    for tree in trees:
        files = [windows for windows in map(windows_of, text_files(tree)) if windows]
        if not files:
            raise SystemExit(f"{tree}: found no text file to take windows from")
        for windows in files:
            rng.shuffle(windows)
        rng.shuffle(files)
        rounds = range(max(map(len, files)))
        per_tree.append([windows[i] for i in rounds for windows in files if i < len(windows)])
    longest = max(map(len, per_tree), default=0)
    mixed = [texts[i] for i in range(longest) for texts in per_tree if i < len(texts)]
    return list(dict.fromkeys(mixed))[:wanted]


def environment(precision, isa):
    env = {**os.environ, "CODERANK_PRECISION": precision}
    return {**env, "CODERANK_FORCE_ISA": isa} if isa else env


def embed(args, precision, isa, texts, query):
    """Unit vectors [texts, dimension]."""
    if not texts:
        return []
    command = [args.binary, "embed", *args.options, "--quiet", "--jsonl"]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    done = subprocess.run(command + (["--query"] if query else []), env=environment(precision, isa),
                          input=lines, text=True, capture_output=True)
    if done.returncode != 0:
        raise SystemExit(f"embed with {precision}: exit {done.returncode}: {done.stderr.strip()}")
    return [json.loads(line)["vector"] for line in done.stdout.splitlines()]


def vectors(args, precision, isa, documents, questions):
    rows = embed(args, precision, isa, documents, False) + embed(args, precision, isa, questions, True)
    if len(rows) != len(documents) + len(questions):
        raise SystemExit(f"embed with {precision}: expected {len(documents) + len(questions)} vectors, found {len(rows)}")
    return numpy.array(rows, dtype=numpy.float64)


def nearest(rows):
    similarity = rows @ rows.T
    numpy.fill_diagonal(similarity, -2)
    return similarity.argmax(axis=1)


def report_cosines(name, reference, candidate, documents):
    """Prints one precision's row; gives the mean and the worst cosine."""
    cosines = numpy.sort((reference * candidate).sum(axis=1))
    quantiles = numpy.quantile(cosines, [0.001, 0.01, 0.5])
    agree = (nearest(reference[:documents]) == nearest(candidate[:documents])).mean()
    print(f"{name:<16} {cosines.mean():.6f} {cosines[0]:.6f} " +
          " ".join(f"{q:.6f}" for q in quantiles) + f"  {100 * agree:9.1f} %", flush=True)
    return cosines.mean(), cosines[0]


def compare_vectors(args, documents, questions):
    """True if the limits hold on every instruction set."""
    reference = vectors(args, args.reference, None, documents, questions)
    count = len(reference)
    pairwise = ((reference.sum(axis=0) ** 2).sum() - (reference ** 2).sum()) / (count * (count - 1))
    print(f"{len(documents)} windows and {len(questions)} queries, {reference.shape[1]} dimensions; "
          f"mean pairwise cosine of the {args.reference} vectors {pairwise:.4f}")
    print("cosine           mean     worst    0.1 %    1 %      50 %      nearest agrees")
    good = True
    for isa in args.isa.split(",") if args.isa else [None]:
        candidate = vectors(args, args.candidate, isa, documents, questions)
        if args.candidate != args.reference and (candidate == reference).all():
            print(f"every {args.candidate} vector equals its {args.reference} vector: the program "
                  "does not know CODERANK_PRECISION", file=sys.stderr)
            raise SystemExit(2)
        mean, worst = report_cosines(f"{args.candidate} {isa or ''}", reference, candidate,
                                     len(documents))
        good &= not args.limits or (mean >= args.limits[0] and worst >= args.limits[1])
    if args.limits:
        print(f"limits mean {args.limits[0]}, worst {args.limits[1]}: {'met' if good else 'MISSED'}")
    return good


def compare_retrieval(args, data, sources):
    """True if the mean NDCG@10 of no instruction set differs by more than the limit."""
    repos = retrieval.repositories(data, args.repo)
    columns = [(args.reference, None)] + [
        (args.candidate, isa) for isa in (args.isa.split(",") if args.isa else [None])]
    print("NDCG@10          " + "".join(f"{f'{p} {isa or str()}':>18}{'':>9}" for p, isa in columns))
    table = []
    for repo in repos:
        row = [retrieval.score(args.binary, args.options, environment(*column), data, sources, repo)
               for column in columns]
        table.append(row)
        print_row(repo["name"], row)
    means = numpy.mean(table, axis=0)
    print_row("mean", means)
    good = all(abs(mean - means[0]) <= args.ndcg_limit for mean in means[1:])
    print(f"limit of the means' difference {args.ndcg_limit}: {'met' if good else 'MISSED'}")
    return good


def print_row(name, values):
    cells = [f"{values[0]:18.4f}{'':9}"] + [f"{v:18.4f} {v - values[0]:+8.4f}" for v in values[1:]]
    print(f"{name:<17}" + "".join(cells), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", metavar="TREE", nargs="*", type=pathlib.Path)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--models", help="folder of the installed models")
    parser.add_argument("--reference", default="f32", help="precision compared with [f32]")
    parser.add_argument("--candidate", default="int8", help="precision judged [int8]")
    parser.add_argument("--isa", help="instruction sets to force for the candidate, comma-separated")
    parser.add_argument("--windows", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits", type=float, nargs=2, metavar=("MEAN", "WORST"))
    parser.add_argument("--ndcg-limit", type=float, default=0.003)
    parser.add_argument("--eval", help="evaluation folder; default: CODERANK_EVAL_DIR")
    parser.add_argument("--sources", type=pathlib.Path, help="its source trees, <name>/source")
    parser.add_argument("--repo", action="append", default=[], help="only this repository; may be repeated")
    args = parser.parse_args()
    args.options = ["--model", args.model] + (["--models", args.models] if args.models else [])
    data = retrieval.folder_from(args.eval, "CODERANK_EVAL_DIR")
    if not args.trees and not (data and args.sources):
        parser.error("expected a TREE, or --eval with --sources")
    good = True
    if args.trees:
        questions = [item["query"] for repo in (retrieval.repositories(data, args.repo) if data else [])
                     for item in retrieval.queries(data, repo["name"])]
        good &= compare_vectors(args, sample_windows(args.trees, args.windows, args.seed), questions)
    if data and args.sources:
        good &= compare_retrieval(args, data, args.sources)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
