"""What a peer's process does: answer the driver's requests, one JSON object a line each way.

  {"sequences": [[id, ...], ...], "seconds": s, "cold": bool}  ->  {"seconds": [a call's, ...],
       "cpu_seconds": of all calls and threads, "group": sequences computed at once, "rss_kb": n}
  {"sequences": [[id, ...], ...], "vectors": true}  ->  {"vectors": [[...], ...]}

bench/encoder_worker.cc speaks the same. The first answer, {"versions": ..., "settings": ...}, comes
unasked when the engine is loaded. Token ids are put into the peer's own tensors before the clock
starts. Sequences are sorted by length and computed in groups, padded where the peer knows no other
way; which size of group is fastest is tried once a shape, so that no peer loses by a bad choice.
"""
import json
import os
import sys
import time

import numpy

_GROUPS = (1, 4, 8, 32)  # 32 is what sentence-transformers computes at once


class Peer:
    """One engine. `prepare` lays out a group of sequences outside the measured time; `compute`
    returns the group's CLS vectors [sequences, hidden] f32."""

    def prepare(self, sequences):
        raise NotImplementedError

    def compute(self, prepared):
        raise NotImplementedError


def padded(sequences):
    """ids [sequences, longest] int64 and the mask (true: a token), None where nothing is padded."""
    longest = max(map(len, sequences))
    ids = numpy.zeros((len(sequences), longest), numpy.int64)
    for row, sequence in zip(ids, sequences):
        row[:len(sequence)] = sequence
    if all(len(sequence) == longest for sequence in sequences):
        return ids, None
    lengths = numpy.array([len(sequence) for sequence in sequences])
    return ids, numpy.arange(longest) < lengths[:, None]


def model_threads():
    """(model path, threads) from the command line, which every peer takes."""
    return sys.argv[1], int(sys.argv[2])


class _Worker:
    def __init__(self, peer, cache_bytes):
        self.peer = peer
        self.best_group = {}
        self.evictor = numpy.zeros(4 * cache_bytes // 8, numpy.int64)

    def plan(self, sequences, group):
        """The groups of a shape, prepared, and the places of their sequences."""
        order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
        places = [order[i:i + group] for i in range(0, len(order), group)]
        return places, [self.peer.prepare([sequences[i] for i in p]) for p in places]

    def timed(self, prepared):
        start = time.perf_counter()
        for group in prepared:
            self.peer.compute(group)
        return time.perf_counter() - start

    def group_for(self, sequences):
        """The fastest group size for this shape, each tried once after one pass to warm up."""
        key = tuple(map(len, sequences))
        if key not in self.best_group:
            sizes = [g for g in _GROUPS if g <= len(sequences)]
            plans = {size: self.plan(sequences, size)[1] for size in sizes}
            self.timed(plans[sizes[-1]])
            times = {size: self.timed(plans[size]) for size in sizes}
            self.best_group[key] = min(times, key=times.get)
        return self.best_group[key]

    def vectors(self, sequences):
        places, prepared = self.plan(sequences, self.group_for(sequences))
        result = [None] * len(sequences)
        for indices, group in zip(places, prepared):
            for i, vector in zip(indices, self.peer.compute(group)):
                result[i] = [round(float(x), 7) for x in vector]
        return result

    def measure(self, sequences, seconds, cold):
        group = self.group_for(sequences)
        _, prepared = self.plan(sequences, group)
        calls, cpu, end = [], 0.0, time.perf_counter() + seconds
        while not calls or time.perf_counter() < end:
            if cold:
                self.evictor += 1
            cpu_before = time.process_time()
            calls.append(self.timed(prepared))
            cpu += time.process_time() - cpu_before
        return {"seconds": calls, "cpu_seconds": cpu, "group": group,
                "rss_kb": _resident_kb() - self.evictor.nbytes // 1024}


def _resident_kb():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def serve(peer, versions, settings):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not end up between the answers
    worker = _Worker(peer, int(os.environ["CODERANK_BENCH_CACHE_BYTES"]))

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    answer({"versions": versions, "settings": settings})
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("vectors"):
            answer({"vectors": worker.vectors(request["sequences"])})
        else:
            answer(worker.measure(request["sequences"], request["seconds"], request["cold"]))
