#!/usr/bin/env python3
"""Drives a real `coderank serve` with clients that others wrote.

    check_http_clients.py --model FOLDER [--program build/release/bin/coderank]

FOLDER: what scripts/fetch-model prints. Needs the Python packages openai, cohere and schemathesis, and
numpy and safetensors to make up a cross-encoder:

  openai        embeddings in both encodings, compared with `coderank embed`; its errors
  cohere        reranking by both of its clients, compared with `coderank rerank`; its errors
  schemathesis  all of its checks on every route of /openapi.json: no 5xx, no answer that the
                description does not allow, no bad request that is accepted

Exit status: 0 all passed, 1 something differs, 77 not checked because a package is missing.
"""
import argparse
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Names that made-up requests do not hit by chance.
EMBEDDER = "check-embedder"
JUDGE = "check-judge"
DOCUMENTS = [f"w{10 * i} w{i + 7} w3" for i in range(1, 9)]
TEXTS = ["def parse(text): return json.loads(text)", "int main() { return 0; }", "where is it?"]
# f32 in nine digits reads back to the same bits.
TOLERANCE = 0.0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/coderank"))
    parser.add_argument("--examples", type=int, default=100, help="of schemathesis, a route [100]")
    return parser.parse_args()


class Server:
    """`coderank serve` on a copy of some sources, in a home of its own."""

    def __init__(self, program, model, folder):
        self.program = program
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("XDG_", "CODERANK_"))}
        self.environment["HOME"] = folder
        tree = pathlib.Path(folder, "tree")
        tree.mkdir()
        for source in sorted((ROOT / "src/base").glob("*.h")):
            (tree / source.name).write_bytes(source.read_bytes())
        self.run("model", "add", "-q", EMBEDDER, model)
        sys.path.append(str(ROOT / "bench/rerank"))
        import random_model
        random_model.write(pathlib.Path(folder, "judge"), seed=1)
        self.run("model", "add", "-q", JUDGE, str(pathlib.Path(folder, "judge")))
        self.process = subprocess.Popen(
            [program, "serve", "-q", "--listen", "127.0.0.1:0", str(tree)], env=self.environment,
            stdout=subprocess.PIPE, text=True)
        address = self.process.stdout.readline().strip()
        self.url, self.token = re.fullmatch(r"(http://.*)/\?token=(.*)", address).groups()
        while not self.is_ready():
            time.sleep(0.1)

    def run(self, *words, given=""):
        return subprocess.run([self.program, *words], env=self.environment, check=True,
                              input=given, stdout=subprocess.PIPE, text=True).stdout

    def is_ready(self):
        try:
            return urllib.request.urlopen(self.url + "/health").status == 200
        except urllib.error.HTTPError:
            return False

    def stop(self):
        self.process.terminate()
        return self.process.wait()


def check_openai(server):
    import openai

    client = openai.OpenAI(base_url=server.url + "/v1", api_key=server.token, max_retries=0)
    failures = []
    for kind, flags in (("document", []), ("query", ["--query"])):
        expected = [json.loads(server.run("embed", "-q", *flags, text))["vector"] for text in TEXTS]
        for encoding in ("float", "base64", None):  # None: the client's own choice
            wanted = {} if encoding is None else {"encoding_format": encoding}
            answer = client.embeddings.create(model=EMBEDDER, input=TEXTS,
                                              extra_body={"input_type": kind}, **wanted)
            for ours, theirs in zip(expected, answer.data, strict=True):
                vector = theirs.embedding
                if isinstance(vector, str):
                    import base64
                    import struct
                    raw = base64.b64decode(vector)
                    vector = struct.unpack(f"<{len(raw) // 4}f", raw)
                worst = max(abs(a - b) for a, b in zip(ours, vector, strict=True))
                # JSON's double of the printed f32 against the f32 itself.
                if worst > TOLERANCE + 1e-8:
                    failures.append(f"openai: {kind}, {encoding}: vectors differ by {worst}")
            if answer.usage.prompt_tokens < len(TEXTS):
                failures.append("openai: usage is missing")
    for kind, call in (
            (openai.NotFoundError, lambda: client.embeddings.create(model="none", input="a")),
            (openai.BadRequestError, lambda: client.embeddings.create(model=EMBEDDER, input=[1, 2])),
            (openai.AuthenticationError,
             lambda: client.with_options(api_key="wrong").embeddings.create(model=EMBEDDER, input="a"))):
        try:
            call()
            failures.append(f"openai: expected {kind.__name__}")
        except kind as error:
            if not error.body.get("message"):
                failures.append(f"openai: {kind.__name__} without a message")
    return failures


def check_cohere(server):
    import cohere

    lines = "".join(json.dumps({"text": document}) + "\n" for document in DOCUMENTS)
    expected = json.loads(server.run("rerank", "-q", "--json", "w5 w6", given=lines))["results"]
    failures = []
    for name, client, more in (
            ("cohere v1", cohere.Client(server.token, base_url=server.url), {"return_documents": True}),
            ("cohere v2", cohere.ClientV2(server.token, base_url=server.url), {})):
        answer = client.rerank(model=JUDGE, query="w5 w6", documents=DOCUMENTS, top_n=5, **more)
        if [r.index for r in answer.results] != [r["index"] for r in expected[:5]]:
            failures.append(f"{name}: another order than `coderank rerank`")
        for ours, theirs in zip(expected, answer.results):
            if abs(1 / (1 + math.exp(-ours["score"])) - theirs.relevance_score) > 1e-9:
                failures.append(f"{name}: another score than `coderank rerank`")
            if more and theirs.document.text != DOCUMENTS[theirs.index]:
                failures.append(f"{name}: another document was sent back")
    for kind, token, model in ((cohere.NotFoundError, server.token, "none"),
                               (cohere.UnauthorizedError, "wrong", JUDGE)):
        try:
            cohere.ClientV2(token, base_url=server.url).rerank(
                model=model, query="w5", documents=DOCUMENTS)
            failures.append(f"cohere: expected {kind.__name__}")
        except kind:
            pass
    return failures


# What depends on the models that are installed, and no schema can say. Of cases, because bodies of
# schemathesis's own coverage are not shown to hooks of bodies.
HOOKS = f"""
import schemathesis

@schemathesis.hook
def filter_case(context, case):
    body = case.body
    return not isinstance(body, dict) or not (
        body.get("dimensions") or body.get("model") in {[EMBEDDER, JUDGE]!r})
"""


def check_schemathesis(server, examples):
    pathlib.Path(server.environment["HOME"], "coderank_hooks.py").write_text(HOOKS)
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "coderank_hooks",
                   "PYTHONPATH": server.environment["HOME"]}
    command = [str(pathlib.Path(sys.executable).parent / "schemathesis"), "run",
               server.url + "/openapi.json", "--header", f"Authorization: Bearer {server.token}",
               "--max-examples", str(examples), "--checks", "all"]
    status = subprocess.run(command, cwd=server.environment["HOME"], env=environment).returncode
    return [] if status == 0 else ["schemathesis: see above"]


def main():
    arguments = parse_arguments()
    try:
        import cohere  # noqa: F401
        import openai  # noqa: F401
        import safetensors  # noqa: F401
        import schemathesis  # noqa: F401
    except ImportError as error:
        print(f"check_http_clients: NOT CHECKED: {error.name} is not installed", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        server = Server(arguments.program, arguments.model, folder)
        failures = check_openai(server)
        failures += check_cohere(server)
        failures += check_schemathesis(server, arguments.examples)
        if server.stop() != 0:
            failures.append("serve: did not stop in order")
    for failure in failures:
        print(f"check_http_clients: {failure}", file=sys.stderr)
    print("check_http_clients:", "differs" if failures else "all passed", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
