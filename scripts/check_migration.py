#!/usr/bin/env python3
"""Migrates a large collection under failures, killing the program at random instants.

    PYTHONPATH=$(scripts/fetch-qdrant-client) scripts/check_migration.py --model all-MiniLM-L6-v2

Makes a collection of 10,000 points of 3584 dimensions with payloads as rich as they come, on the tests' server,
which fails two requests in a hundred. `coderank collection migrate --take-name` is started and killed 20 times,
then left to its end. Afterwards: the same ids, the same payloads, vectors of unit length, the name an alias, and
`collection rollback` gives the old vectors back. The test suite has the same with 300 points.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

import numpy
from qdrant_client import models

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
import qdrant_server  # noqa: E402

NAME = "docs"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coderank", default=str(ROOT / "build/release/bin/coderank"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=3584)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def payload(i):
    rich = {"text": f"document {i} on subject {i * 7919 % 1009}: " + "words of some length " * (i % 7 + 1),
            "metadata": {"source": f"docs/{i}.md", "tags": ["a", None, 1.5, {"deep": i}], "big": 2**53 + i},
            "title": f"T\u00e9st \"{i}\"", "flag": i % 2 == 0}
    if i % 50 == 3:
        rich.pop("text")  # sparse payloads
    return rich


def fill(store, arguments):
    store.create(NAME, {"vectors": {"size": arguments.dimension, "distance": "Cosine"}})
    numbers = numpy.random.default_rng(arguments.seed)
    for start in range(0, arguments.points, 200):
        rows = numbers.standard_normal((200, arguments.dimension), dtype=numpy.float32)
        store.local.upsert(NAME, [models.PointStruct(id=start + i, vector=row.tolist(), payload=payload(start + i))
                                  for i, row in enumerate(rows) if start + i < arguments.points])


def contents(store, name, vectors=False):
    points, _ = store.local.scroll(name, limit=10**9, with_vectors=vectors)
    return {point.id: (point.payload, point.vector) for point in points}


def vector_of(store, number):
    return store.local.retrieve(NAME, [number], with_vectors=True)[0].vector


def require(condition, what):
    if not condition:
        sys.exit(f"check_migration: FAILED: {what}")


def main():
    arguments = parse_arguments()
    chance = random.Random(arguments.seed)
    store, faults = qdrant_server.Store(), qdrant_server.Faults()
    options = argparse.Namespace(api_key="", max_request_bytes=32 << 20, peers=0)
    server = qdrant_server.Server(0, options, store, faults)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    fill(store, arguments)
    before = contents(store, NAME)
    sample = vector_of(store, arguments.points // 2)
    faults.set({"random": arguments.seed, "rate": 0.02})
    environment = os.environ | {"QDRANT_URL": f"http://127.0.0.1:{server.server_port}"}
    environment.pop("PYTHONPATH", None)
    target = f"{NAME}__{arguments.model}"
    command = [arguments.coderank, "collection", "migrate", NAME, "--model", arguments.model, "--take-name", "-q"]

    started = time.monotonic()
    for kill in range(arguments.kills):
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, 4.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        with store.lock:
            there = NAME in store.local.collections
            require(there or contents(store, target).keys() == before.keys(), f"kill {kill}: points are lost")
            copied = store.local.count(target).count if target in store.local.collections else 0
        print(f"kill {kill + 1}: {copied} points copied", flush=True)
    for _ in range(5):
        if subprocess.run(command, env=environment).returncode == 0:
            break
    else:
        sys.exit("check_migration: FAILED: five runs did not come to their end")
    faults.reset()
    seconds = time.monotonic() - started

    after = contents(store, target, vectors=True)
    require(store.local.aliases == {NAME: target}, "the name is no alias of the target")
    require(after.keys() == before.keys(), "ids differ")
    require(all(after[i][0] == before[i][0] for i in before), "payloads differ")
    lengths = [numpy.linalg.norm(vector) for point, vector in after.values() if "text" in point]
    require(max(abs(length - 1) for length in lengths) < 1e-3, "vectors without unit length")
    subprocess.run([arguments.coderank, "collection", "rollback", NAME], env=environment, check=True)
    require(contents(store, NAME) == before, "payloads differ after the rollback")
    require(numpy.allclose(vector_of(store, arguments.points // 2), sample), "vectors differ after the rollback")
    print(f"{len(after)} points of {arguments.dimension} dimensions, {arguments.kills} kills, {seconds:.0f} s: "
          "no point lost, none twice, ids and payloads equal, rolled back")


if __name__ == "__main__":
    main()
