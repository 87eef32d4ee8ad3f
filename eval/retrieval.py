"""Retrieval quality of the program on an evaluation folder: NDCG@10 with binary relevance.

The folder holds repos.json (a list of {"name", "benchmark_root"}) and <name>/annotations.json (a
list of {"query", "relevant", "secondary"}); the source trees are <sources>/<name>/source. A target
is a path, or an object with path, start_line and end_line. Both lists of a query are targets of
equal weight.
"""
import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile

CUT = 10


def repositories(data, only=()):
    repos = json.loads((data / "repos.json").read_text(encoding="utf-8"))
    unknown = set(only) - {repo["name"] for repo in repos}
    if unknown:
        raise SystemExit(f"{data / 'repos.json'}: no repository named {', '.join(sorted(unknown))}")
    return [repo for repo in repos if not only or repo["name"] in only]


def queries(data, name):
    return json.loads((data / name / "annotations.json").read_text(encoding="utf-8"))


def targets(item):
    """(path, first line or None, last line or None) of all that answers a query."""
    found = []
    for target in item.get("relevant", []) + item.get("secondary", []):
        if isinstance(target, str):
            target = {"path": target}
        lines = target.get("start_line"), target.get("end_line")
        found.append((target["path"], *(lines if None not in lines else (None, None))))
    return found


def covers(result, target):
    """Paths match if one is the other's end at a slash: labels may count from another folder."""
    path, start, end = target
    own = result["path"]
    if own != path and not own.endswith("/" + path) and not path.endswith("/" + own):
        return False
    return start is None or (result["start_line"] <= end and start <= result["end_line"])


def ndcg(results, wanted):
    """A result gains once if it is the first to cover some target; later ones cost their place."""
    def discounted(positions):
        return sum(1 / math.log2(position + 2) for position in positions)

    first = (next((i for i, r in enumerate(results[:CUT]) if covers(r, t)), None) for t in wanted)
    ideal = discounted(range(min(CUT, len(wanted))))
    return discounted({i for i in first if i is not None}) / ideal if ideal else 0.0


def run_json(command, env, may_find_nothing=False):
    done = subprocess.run(command, env=env, text=True, capture_output=True)
    if done.returncode != 0 and not (may_find_nothing and done.returncode == 1):
        raise SystemExit(f"{' '.join(map(str, command))}\nexit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def score(program, options, env, data, sources, repo):
    """Mean NDCG@10 over a repository's queries, indexed afresh in a copy of its tree."""
    tree = sources / repo["name"] / "source"
    if not tree.is_dir():
        raise SystemExit(f"{tree}: expected the source tree of {repo['name']}, found no folder")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        shutil.copytree(tree, scratch / "tree")
        root = scratch / "tree" / (repo.get("benchmark_root") or "")
        options = [*options, "--index", scratch / "index", "--quiet", "--json"]
        env = {**env, "XDG_STATE_HOME": str(scratch / "state")}
        run_json([program, "index", *options, root], env)
        values = []
        for item in queries(data, repo["name"]):
            command = [program, "search", *options, "--limit", str(CUT), item["query"], root]
            answer = run_json(command, env, may_find_nothing=True)
            values.append(ndcg(answer["results"], targets(item)))
        return sum(values) / len(values)


def folder_from(argument, variable):
    """A folder from the command line, else from the environment, else None."""
    value = argument or os.environ.get(variable)
    return pathlib.Path(value) if value else None
