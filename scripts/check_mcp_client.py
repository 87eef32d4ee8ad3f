#!/usr/bin/env python3
"""Drives `coderank mcp` with the official Python client of the protocol.

    check_mcp_client.py [--program build/release/bin/coderank] [--url URL]

Needs the package of PyPI `mcp` 2.3.0. Makes a small tree and talks to servers of it, in the revisions
with a handshake and in the one without: list, call, errors, progress, cancellation, fifty sessions at
once. It does so over standard input and output with the work done in the same process, over standard
input and output beside a running `coderank serve`, which then does the work, and to that by Streamable
HTTP. With --url, talks to a running server of Streamable HTTP about its own tree instead; progress and
cancellation, which need a held index, are left out.
Exit status: 0 all right, 1 something was not, 77 not checked because the package is missing.
"""
import argparse
import contextlib
import fcntl
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = "2.3.0"
SESSIONS = 50
# More than the 64 calls that a session may have under way: those that went on would be in the way.
CANCELLED = 70
TOOLS = {"search_code", "find_related", "index_status", "refresh_index"}
# "legacy": initialize; "auto": ask for the newest revision first; the last: no question at all.
MODES = ["legacy", "auto", "2026-07-28"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=str(ROOT / "build/release/bin/coderank"))
    parser.add_argument("--url")
    return parser.parse_args()


def text_of(result):
    return "".join(block.text for block in result.content)


def require(condition, what):
    if not condition:
        sys.exit(f"check_mcp_client: {what}")


async def check_conversation(connect, mode):
    async with connect(mode) as client:
        tools = (await client.list_tools()).tools
        require({tool.name for tool in tools} == TOOLS, f"{mode}: tools {[t.name for t in tools]}")
        # Who asks no question at all is told nothing.
        require(mode == MODES[-1] or "search_code" in client.instructions, f"{mode}: instructions")
        # The client checks structured content against the output schema by itself.
        found = await client.call_tool("search_code", {"query": "expire session", "limit": 2})
        require(not found.is_error and found.structured_content["results"], f"{mode}: search {found}")
        require(len(found.structured_content["results"]) <= 2, f"{mode}: limit")
        first = found.structured_content["results"][0]
        require(f"{first['path']}:{first['start_line']}-" in text_of(found), f"{mode}: text")
        place = f"{first['path']}:{first['start_line']}"
        related = await client.call_tool("find_related", {"place": place})
        require(not related.is_error, f"{mode}: find_related {text_of(related)}")
        status = await client.call_tool("index_status")
        require(status.structured_content["coverage"]["files"] > 0, f"{mode}: status")
        refreshed = await client.call_tool("refresh_index", {"budget": 1})
        require(not refreshed.is_error, f"{mode}: refresh {text_of(refreshed)}")


async def check_errors(connect, mode):
    import mcp

    async with connect(mode) as client:
        wrong = await client.call_tool("search_code", {"query": "x", "limt": 3})
        require(wrong.is_error and "known: query" in text_of(wrong), f"{mode}: unknown argument")
        try:
            await client.call_tool("no_such_tool", {})
            require(False, f"{mode}: an unknown tool was called")
        except mcp.MCPError as error:
            require(error.code == -32602, f"{mode}: unknown tool gives {error.code}")
        try:
            await client.list_prompts()
            require(False, f"{mode}: prompts were listed")
        except mcp.MCPError as error:
            require(error.code == -32601, f"{mode}: unknown method gives {error.code}")


async def cancel_one(client, reports):
    """Begins a call that has to wait for the index, and cancels it when it says so."""
    import anyio

    running = anyio.Event()

    async def on_progress(done, total, message):
        reports.append((done, total, message))
        running.set()

    async with anyio.create_task_group() as group:
        group.start_soon(lambda: client.call_tool("refresh_index", progress_callback=on_progress))
        with anyio.fail_after(30):
            await running.wait()
        group.cancel_scope.cancel()


async def check_progress_and_cancellation(connect, mode, lock):
    import anyio

    reports = []
    async with connect(mode) as client:
        with open(lock) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            for _ in range(CANCELLED if mode == MODES[0] else 1):
                await cancel_one(client, reports)
        with anyio.fail_after(30):
            after = await client.call_tool("refresh_index")
    require(not after.is_error, f"{mode}: after cancellations: {text_of(after)}")
    require(all(message for _, _, message in reports), f"{mode}: progress {reports}")


async def check_sessions(connect):
    import anyio

    done = []

    async def one(number):
        async with connect(MODES[number % 2]) as client:
            found = await client.call_tool("search_code", {"query": "delay", "limit": 1})
            require(not found.is_error, f"session {number}: {text_of(found)}")
            done.append(number)

    started = time.monotonic()
    async with anyio.create_task_group() as group:
        for number in range(SESSIONS):
            group.start_soon(one, number)
    require(len(done) == SESSIONS, f"{len(done)} of {SESSIONS} sessions")
    print(f"{SESSIONS} sessions at once: {time.monotonic() - started:.1f} s")


def make_tree(here, program):
    tree = here / "tree"
    tree.mkdir()
    (tree / "session.py").write_text("def expire_session(session):\n    session.drop()\n")
    (tree / "retry.go").write_text("package retry\n\nfunc NextDelay(n int) int {\n\treturn 1 << n\n}\n")
    environment = {"HOME": str(here), "PATH": os.environ["PATH"]}
    subprocess.run([program, "index", "-q", str(tree)], env=environment, check=True)
    return tree, environment


@contextlib.contextmanager
def running_server(program, tree, environment):
    """`coderank serve` of the tree; the address of its MCP."""
    process = subprocess.Popen([program, "serve", "-q", "--listen", "127.0.0.1:0", str(tree)],
                               env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip().replace("/?token", "/mcp?token")
    finally:
        process.terminate()
        require(process.wait() == 0, f"the server ended with {process.returncode}")


async def check(way, server, lock=None):
    """`server`: what the client connects to. `lock`: of the index of its tree."""
    import mcp

    def connect(mode):
        return mcp.Client(server, mode=mode)

    for mode in MODES:
        await check_conversation(connect, mode)
        await check_errors(connect, mode)
        if lock is not None:
            await check_progress_and_cancellation(connect, mode, lock)
        print(f"{way}, {mode}: all right")
    await check_sessions(connect)


async def check_all_ways(program, here):
    import mcp

    tree, environment = make_tree(here, program)
    lock = tree / ".coderank/lock"

    def stdio(*options):
        return mcp.StdioServerParameters(command=program, args=["mcp", "-q", *options, str(tree)],
                                         env=environment)

    await check("stdio", stdio("--no-server"), lock)
    with running_server(program, tree, environment) as url:
        await check("stdio beside a server", stdio(), lock)
        await check("http", url, lock)


def main():
    arguments = parse_arguments()
    try:
        version = importlib.metadata.version("mcp")
    except importlib.metadata.PackageNotFoundError:
        version = None
    if version != PACKAGE:
        print(f"check_mcp_client: NOT CHECKED: expected mcp {PACKAGE}, found {version}; "
              f"pip install mcp=={PACKAGE}", file=sys.stderr)
        return 77
    import anyio

    if arguments.url:
        anyio.run(check, arguments.url, arguments.url)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(check_all_ways, arguments.program, pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
