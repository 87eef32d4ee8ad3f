"""What a peer's process does: answer searches, one JSON object a line each way.

  {"terms": [...], "count": n}  ->  {"seconds": s, "hits": [document, ...]}

The first answer comes unasked: version, settings, bytes and build_seconds. A peer is called with
the file of tokens (a document a line, blanks between the tokens, as lexical_worker prints them) and
a folder for its index, which is made anew.
"""
import json
import os
import pathlib
import shutil
import sys
import time


def folder_bytes(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


def documents(tokens):
    with open(tokens, encoding="utf-8") as file:
        for number, line in enumerate(file):
            yield number, line.rstrip("\n")


def serve(version, settings, build):
    """build(documents, folder) makes the index and returns search(terms, count) -> documents."""
    tokens, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    start = time.perf_counter()
    search = build(documents(tokens), folder)
    hello = {"version": version, "settings": settings, "bytes": folder_bytes(folder),
             "build_seconds": time.perf_counter() - start}
    answers.write(json.dumps(hello) + "\n")
    answers.flush()
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        hits = search(request["terms"], request["count"])
        answer = {"seconds": time.perf_counter() - start, "hits": hits}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
