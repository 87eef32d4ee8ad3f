"""Vectors for the texts of `coderank texts export`, made up: what they say does not matter for speed.

Clustered, as the vectors of an encoder are: uniform ones would all be equally far from everything.
"""
import json
import math
import random

CLUSTERS = 2000
SPREAD = 0.5  # length of what a vector has beside its cluster's centre


def unit(vector):
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector]


def write(texts, vectors, seed=1):
    chance = random.Random(seed)
    with open(texts, encoding="utf-8") as source, open(vectors, "w", encoding="utf-8") as target:
        header = json.loads(next(source))
        dimension = header["dimension"]
        centres = [unit([chance.gauss(0, 1) for _ in range(dimension)]) for _ in range(CLUSTERS)]
        noise = [[SPREAD * value for value in unit([chance.gauss(0, 1) for _ in range(dimension)])]
                 for _ in range(CLUSTERS)]
        target.write(json.dumps({"format": "coderank-vectors", "version": 1,
                                 "fingerprint": header["fingerprint"]}) + "\n")
        for line in source:
            row = unit([a + b + c for a, b, c in zip(chance.choice(centres), chance.choice(noise),
                                                     chance.choice(noise))])
            numbers = ",".join(f"{value:.5f}" for value in row)
            target.write(f'{{"sha256":"{json.loads(line)["sha256"]}","vector":[{numbers}]}}\n')
