"""Turns a run's data into tables (Markdown) and files: results.md, rows.csv, run.json."""
import csv
import json
import pathlib
import re
import statistics

import shapes
from environment import ROOT

# Below this the engine did not compute the model: its speed counts for nothing.
LEAST_COSINE = 0.99
_MOST_LATENCIES = 30  # of one measurement, the first, in rows.csv


def command(arguments):
    """What was run, without the paths that only this machine has."""
    return (f"bench/encoder/run --threads {' '.join(map(str, arguments.threads))} "
            f"--shapes {' '.join(arguments.shapes)} --rounds {arguments.rounds} "
            f"--seconds {arguments.seconds} --seed {arguments.seed}")


def run_folder(data):
    slug = re.sub(r"[^a-z0-9]+", "-", data["machine"]["cpu"].lower()).strip("-")
    return ROOT / "bench" / "runs" / f"{data['date']}-{slug}"


def quantile(values, share):
    """The smallest value that at least this share of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


class Table:
    """The figures of one shape and thread count."""

    def __init__(self, data, config, threads, shape):
        self.data, self.config, self.threads, self.shape = data, config, threads, shape
        self.rows = [r for r in data["rows"] if r["threads"] == threads and r["shape"] == shape]
        self.engines = [name for name in data["engines"]
                        if any(r["engine"] == name for r in self.rows)]

    def latencies(self, engine, mode):
        return [s for r in self.rows if r["engine"] == engine and r["mode"] == mode
                for s in r["seconds"]]

    def cores(self, engine):
        """CPU time over time of the hot calls: less than the threads where others held the CPU."""
        rows = [r for r in self.rows if r["engine"] == engine and r["mode"] == "hot"]
        return sum(r["cpu_seconds"] for r in rows) / sum(sum(r["seconds"]) for r in rows)

    def cosine(self, engine):
        return self.data["cosine"].get(f"{engine}|{self.threads}|{self.shape}", 0.0)

    def speed(self, engine):
        """Tokens a second at the median hot latency."""
        return shapes.tokens(self.shape) / statistics.median(self.latencies(engine, "hot"))

    def best_peer(self):
        right = [name for name in self.engines
                 if not name.startswith("coderank") and self.cosine(name) >= LEAST_COSINE]
        return max(right, key=self.speed, default=None)

    def roof(self, attention_in_f32):
        """The least seconds this machine could need with int8 weights: all operations at its int8
        peak (attention at its f32 peak, where asked for), or its reading of the weights."""
        linear, attention = shapes.operations(self.shape, self.config)
        rates = self.data["rates"][str(self.threads)]
        int8, f32 = (max(rate for name, rate in rates.items() if name.startswith(kind))
                     for kind in ("int8/", "f32/"))
        weights = linear / shapes.tokens(self.shape) / 2  # bytes: one per multiplication and token
        compute = linear / int8 + attention / (f32 if attention_in_f32 else int8)
        return max(compute, weights / rates["read"])

    def lines(self):
        best = self.best_peer()
        for engine in sorted(self.engines, key=self.speed, reverse=True):
            hot, cold = self.latencies(engine, "hot"), self.latencies(engine, "cold")
            times = [1e3 * quantile(v, share) for v in (hot, cold) for share in (0.5, 0.95)]
            shares = [self.roof(f32) / statistics.median(hot) for f32 in (False, True)]
            ratio = self.speed(engine) / self.speed(best) if best else float("nan")
            last = [r for r in self.rows if r["engine"] == engine][-1]
            cosine = self.cosine(engine)
            yield (f"| {self.shape} | {engine}{'' if cosine >= LEAST_COSINE else ' (WRONG)'} "
                   f"| {self.speed(engine):,.0f} | {ratio:.2f} | {times[0]:.1f} / {times[1]:.1f} "
                   f"| {times[2]:.1f} / {times[3]:.1f} | {shares[0]:.0%} | {shares[1]:.0%} "
                   f"| {self.cores(engine):.2f} | {last['rss_kb'] / 1024:,.0f} | {last['group']} "
                   f"| {cosine:.6f} |")


_HEADER = """| shape | engine | tokens/s | of best peer | hot p50 / p95, ms | cold p50 / p95, ms \
| of roof | of roof, attention f32 | cores | RSS, MB | group | cosine |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def markdown(data, config):
    machine = data["machine"]
    lines = [f"# Encoder and peers, {data['date']}, {machine['cpu']}", "",
             f"`{data['command']}`", "",
             f"{machine['cores']} cores ({', '.join(machine['isa'])}), Linux {machine['kernel']}, "
             f"commit {machine['commit']}, load average at the start {machine['load_at_start']}", ""]
    lines += ["| engine | version | settings |", "|---|---|---|"]
    lines += [f"| {name} | {hello['versions']} | {hello['settings']} |"
              for name, hello in data["engines"].items()]
    lines += [f"| {name} | not measured | {reason} |" for name, reason in data["missing"].items()]
    for threads, rates in data["rates"].items():
        lines += ["", f"Rates of {threads} threads, the best of the run: " + ", ".join(
            f"{name} {rate / 1e9:,.0f} {'GB' if name == 'read' else 'G operations'}/s"
            for name, rate in rates.items())]
    pairs = [p for p in data["mean_pairwise"].values() if p is not None]
    if pairs:
        lines += ["", f"Mean pairwise cosine of the reference's vectors: {statistics.mean(pairs):.4f}"]
    lines += _tables(data, config) + _idle(data)
    return "\n".join(lines) + "\n"


def _tables(data, config):
    lines = []
    for threads in dict.fromkeys(row["threads"] for row in data["rows"]):
        lines += ["", f"## {threads} thread{'s' if threads > 1 else ''}", "", _HEADER]
        for shape in dict.fromkeys(r["shape"] for r in data["rows"] if r["threads"] == threads):
            lines += Table(data, config, threads, shape).lines()
    return lines


def _idle(data):
    lines = ["", "CPU spent in the 200 ms after an answer, with nothing to do:", ""]
    for key, seconds in data["idle_cpu"].items():
        engine, threads = key.split("|")
        if seconds is not None:
            lines.append(f"- {engine}, {threads} threads: {1e3 * seconds:.0f} ms")
    return lines


def write(folder, data, config):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(markdown(data, config))
    with open(folder / "rows.csv", "w", newline="", encoding="ascii") as file:
        writer = csv.writer(file)
        writer.writerow(["threads", "shape", "engine", "mode", "round", "group", "rss_kb",
                         "cpu_seconds", "calls", "first_latencies_ms"])
        for row in data["rows"]:
            first = " ".join(f"{1e3 * s:.2f}" for s in row["seconds"][:_MOST_LATENCIES])
            writer.writerow([row[k] for k in ("threads", "shape", "engine", "mode", "round", "group",
                                              "rss_kb", "cpu_seconds")] + [len(row["seconds"]), first])
    rest = {name: value for name, value in data.items() if name != "rows"}
    (folder / "run.json").write_text(json.dumps(rest, indent=1) + "\n")
