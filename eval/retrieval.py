"""Retrieval quality of the program on a data set of annotated trees (docs/evaluation.md)."""
import json
import os
import pathlib
import subprocess


def repositories(data, only=()):
    repos = json.loads((data / "repos.json").read_text(encoding="utf-8"))
    unknown = set(only) - {repo["name"] for repo in repos}
    if unknown:
        raise SystemExit(f"{data / 'repos.json'}: no repository named {', '.join(sorted(unknown))}")
    return [repo for repo in repos if not only or repo["name"] in only]


def queries(data, name):
    return json.loads((data / name / "annotations.json").read_text(encoding="utf-8"))


def score(program, options, env, data, sources, repo):
    """Mean NDCG@10 over a repository's queries, indexed afresh."""
    command = [program, "eval", data, "--sources", sources, "--repository", repo["name"],
               *options, "--quiet", "--json"]
    done = subprocess.run(command, env=env, text=True, capture_output=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\nexit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)["mean_over_queries"]["ndcg"]


def folder_from(argument, variable):
    """A folder from the command line, else from the environment, else None."""
    value = argument or os.environ.get(variable)
    return pathlib.Path(value) if value else None
