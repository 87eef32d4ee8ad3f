#!/usr/bin/env python3
"""A Qdrant server for tests: the REST contract on qdrant-client's own models and its local mode.

    qdrant_server.py [--api-key KEY] [--max-request-bytes N] [--peers N]

Prints "listening PORT" and serves until standard input is closed. Requests are checked by the models,
which refuse unknown fields; points are kept and searched by the local mode, in memory. What the local
mode leaves out is here: quantization and optimizer settings, payload indexes, snapshots, the limit of
a request, the key. What it cannot show is speed, and what quantization does to results.

Faults come from POST /_test/faults, a list of rules; the first that fits a request acts:
    {"match": REGEX of "METHOD /path", "do": ACTION, "skip": N, "times": N, "status": N}
ACTION is one of
    status      answer with that status and do nothing
    drop        close the connection and do nothing
    drop_after  do it, and close the connection instead of answering
    partial     of an upsert store the first half, then answer 500
    delay       wait a tenth of a second first
    describe    say of a collection that its status is that: "yellow" while it is optimised, "red"
    forget      answer as if it were done and do nothing
    hang        do nothing until the client has left; GET /_test/hang waits a little and tells of it
    hang_after  do it, then the same
    restart     close the connection and refuse new ones for a moment; what was stored stays
or {"random": SEED, "rate": R}: the share R of requests gets one of these, in turn of a seeded order.
GET /_test/log lists what was asked, with the "params" of searches, POST /_test/reset forgets faults and log.
"""

import argparse
import hashlib
import json
import pickle
import random
import re
import socket
import sys
import threading
import time
import urllib.parse
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pydantic
from qdrant_client import models
from qdrant_client.local.qdrant_local import QdrantLocal

warnings.filterwarnings("ignore")

VERSION = "1.16.0"
DEFAULT_OPTIMIZERS = {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000,
                      "default_segment_number": 0, "indexing_threshold": 10000,
                      "flush_interval_sec": 5, "max_optimization_threads": None}


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Dropped(Exception):
    """The connection ends without an answer."""


def plain(value):
    return json.loads(value.model_dump_json(exclude_none=True))


class Store:
    """Collections and what the local mode does not keep of them. Callers hold the lock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.local = QdrantLocal(":memory:")
        self.extra = {}  # collection -> settings
        self.snapshots = {}  # collection -> {name: bytes}; they outlive the collection

    def name_of(self, name):
        name = self.local.aliases.get(name, name)
        if name not in self.local.collections:
            raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
        return name

    def create(self, name, body):
        request = models.CreateCollection.model_validate(body)
        self.local.create_collection(name, vectors_config=request.vectors,
                                     sparse_vectors_config=request.sparse_vectors,
                                     metadata=request.metadata)
        self.extra[name] = {
            "optimizer_config": DEFAULT_OPTIMIZERS | (body.get("optimizers_config") or {}),
            "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000}
            | (body.get("hnsw_config") or {}),
            "quantization_config": body.get("quantization_config"), "payload_schema": {}}
        return True

    def update(self, name, body):
        request = models.UpdateCollection.model_validate(body)
        name = self.name_of(name)
        if request.metadata is not None:
            self.local.update_collection(name, metadata=request.metadata)
        extra = self.extra[name]
        extra["optimizer_config"] |= body.get("optimizers_config") or {}
        extra["hnsw_config"] |= body.get("hnsw_config") or {}
        if "quantization_config" in body:
            extra["quantization_config"] = body["quantization_config"]
        return True

    def describe(self, name):
        name = self.name_of(name)
        info = plain(self.local.get_collection(name))
        extra = self.extra[name]
        info["config"] |= {key: extra[key] for key in
                           ("optimizer_config", "hnsw_config", "quantization_config")}
        info["payload_schema"] = extra["payload_schema"]
        return info

    def delete(self, name):
        self.extra.pop(name, None)
        return self.local.delete_collection(name)

    def index(self, name, body):
        request = models.CreateFieldIndex.model_validate(body)
        schema = body["field_schema"]
        kind = schema if isinstance(schema, str) else schema["type"]
        entry = {"data_type": kind, "points": 0}
        if not isinstance(schema, str):
            entry["params"] = schema
        self.extra[self.name_of(name)]["payload_schema"][request.field_name] = entry
        return {"operation_id": 0, "status": "completed"}

    def upsert(self, name, body, share=1.0):
        points = models.PointsList.model_validate(body).points
        count = len(points) if share == 1.0 else int(len(points) * share)
        if count:
            self.local.upsert(self.name_of(name), points[:count])
        return {"operation_id": 0, "status": "completed"}

    def snapshot(self, name):
        name = self.name_of(name)
        points, _ = self.local.scroll(name, limit=10**9, with_payload=True, with_vectors=True)
        config = self.local.collections[name].config
        content = pickle.dumps((json.loads(config.model_dump_json(exclude_none=True)), self.extra[name],
                                [(point.id, point.vector, point.payload) for point in points]))
        kept = self.snapshots.setdefault(name, {})
        snapshot = f"{name}-{len(kept) + 1}.snapshot"
        kept[snapshot] = content
        return self.about(snapshot, content)

    @staticmethod
    def about(name, content):
        return {"name": name, "size": len(content), "creation_time": "2026-01-01T00:00:00",
                "checksum": hashlib.sha256(content).hexdigest()}

    def recover(self, name, content):
        try:
            config, extra, points = pickle.loads(content)
        except (ValueError, EOFError, pickle.UnpicklingError):
            raise Refused(400, "Bad request: the snapshot is not readable") from None
        if name in self.local.aliases:
            raise Refused(409, f"Wrong input: Alias `{name}` already exists!")
        self.delete(name)
        self.create(name, {key: config.get(key) for key in ("vectors", "sparse_vectors", "metadata")})
        self.extra[name] = extra
        if points:
            self.local.upsert(name, [models.PointStruct(id=key, vector=vector, payload=payload)
                                     for key, vector, payload in points])
        return True


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.rules = []
        self.hanging = threading.Event()
        self.random = None
        self.rate = 0
        self.log = []

    def set(self, rules):
        with self.lock:
            if isinstance(rules, dict):
                self.random = random.Random(rules["random"])
                self.rate = rules["rate"]
            else:
                self.rules = rules

    def next(self, request):
        with self.lock:
            for rule in self.rules:
                if not re.search(rule["match"], request):
                    continue
                if rule.get("skip", 0) > 0:
                    rule["skip"] -= 1
                elif rule.get("times", 1) > 0:
                    rule["times"] = rule.get("times", 1) - 1
                    return rule
            if self.random is not None and self.random.random() < self.rate:
                return self.random.choice([{"do": "status", "status": 429},
                                           {"do": "status", "status": 503}, {"do": "drop"},
                                           {"do": "drop_after"}, {"do": "partial"}])
        return {"do": None}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def route(self, method, path, body):
        store = self.server.store
        if (method, path) == ("GET", "/"):
            return {"title": "qdrant - vector search engine", "version": VERSION}
        parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        rest = "/".join(parts[2:])
        if path == "/collections" and method == "GET":
            return plain(store.local.get_collections())
        if path == "/cluster" and method == "GET":
            peers = {str(i): {"uri": f"http://peer-{i}"} for i in range(self.server.peers)}
            return {"status": "enabled", "peers": peers} if peers else {"status": "disabled"}
        if path == "/aliases" and method == "GET":
            return plain(store.local.get_aliases())
        if path == "/collections/aliases" and method == "POST":
            operations = models.ChangeAliasesOperation.model_validate(body).actions
            return store.local.update_collection_aliases(operations)
        if parts[0] != "collections" or len(parts) < 2:
            raise Refused(404, "")
        name = parts[1]
        if not rest:
            call = {"GET": lambda: store.describe(name), "PUT": lambda: store.create(name, body),
                    "PATCH": lambda: store.update(name, body),
                    "DELETE": lambda: store.delete(name)}.get(method)
            if call is None:
                raise Refused(405, "")
            return call()
        if rest.startswith("snapshots"):
            return self.snapshots(method, name, parts[3:], body)
        return self.points(method, rest, store.name_of(name), body)

    def points(self, method, rest, name, body):
        local = self.server.store.local
        call = f"{method} {rest}"
        if call == "PUT index":
            return self.server.store.index(name, body)
        if call == "PUT points":
            return self.server.store.upsert(name, body)
        if call == "POST points":
            request = models.PointRequest.model_validate(body)
            return [plain(point) for point in local.retrieve(
                name, request.ids, with_payload=request.with_payload,
                with_vectors=request.with_vector or False)]
        if call == "POST points/delete":
            selector = models.PointIdsList if "points" in body else models.FilterSelector
            local.delete(name, selector.model_validate(body))
            return {"operation_id": 0, "status": "completed"}
        if call == "POST points/count":
            request = models.CountRequest.model_validate(body)
            return {"count": local.count(name, count_filter=request.filter).count}
        if call == "POST points/scroll":
            request = models.ScrollRequest.model_validate(body)
            points, following = local.scroll(
                name, scroll_filter=request.filter, limit=request.limit or 10,
                offset=request.offset, with_payload=request.with_payload,
                with_vectors=request.with_vector or False)
            return {"points": [plain(point) for point in points], "next_page_offset": following}
        if call == "POST points/query":
            request = models.QueryRequest.model_validate(body)
            found = local.query_points(
                name, query=request.query, using=request.using, query_filter=request.filter,
                limit=request.limit or 10, with_payload=request.with_payload,
                with_vectors=request.with_vector or False)
            return plain(found)
        raise Refused(404, "")

    def snapshots(self, method, name, parts, body):
        store = self.server.store
        kept = store.snapshots.get(name, {})
        if method == "POST" and not parts:
            return store.snapshot(name)
        if method == "GET" and not parts:
            return [store.about(*entry) for entry in kept.items()]
        if method == "POST" and parts == ["upload"]:
            return store.recover(name, multipart_file(self.headers["content-type"], body))
        if parts and parts[0] in kept and method in ("GET", "DELETE"):
            return kept[parts[0]] if method == "GET" else bool(kept.pop(parts[0]))
        raise Refused(404, "Not found: Snapshot does not exist")

    def answer(self, method, path, raw):
        if self.server.api_key and self.headers.get("api-key") != self.server.api_key:
            raise Refused(403, "Forbidden: Invalid api-key")
        is_json = "json" in self.headers.get("content-type", "")
        limit = self.server.max_request_bytes
        if is_json and len(raw) > limit:  # snapshots may have any size
            raise Refused(400, f"Payload error: JSON payload ({len(raw)} bytes) is larger than allowed "
                               f"(limit: {limit} bytes).")
        try:
            body = json.loads(raw) if is_json else raw
        except ValueError as error:
            raise Refused(400, f"Format error in JSON body: {error}") from None
        try:
            return self.route(method, path, body)
        except pydantic.ValidationError as error:
            raise Refused(400, f"Format error in JSON body: {error}") from None
        except ValueError as error:
            text = str(error)
            status = 404 if "not found" in text else 409 if "already exists" in text else 400
            raise Refused(status, f"Wrong input: {text}") from None

    def act(self, method, path, raw, fault):
        action = fault["do"]
        if action == "delay":
            time.sleep(0.1)
        if action in ("drop", "hang", "restart"):
            if action == "hang":
                self.hang()
            if action == "restart":
                self.server.close_and_restart()
            raise Dropped
        if action == "forget":
            return {"operation_id": 0, "status": "completed"}
        if action == "status":
            raise Refused(fault["status"], "injected")
        with self.server.store.lock:
            if action == "partial" and method == "PUT" and path.endswith("/points"):
                name = urllib.parse.unquote(path.split("/")[2])
                self.server.store.upsert(self.server.store.name_of(name), json.loads(raw), 0.5)
                raise Refused(500, "injected after half of the points")
            result = self.answer(method, path, raw)
        if action == "describe":
            result["status"] = fault["status"]
        if action == "hang_after":
            self.hang()
        if action in ("drop_after", "hang_after"):
            raise Dropped
        return result

    def hang(self):
        self.server.faults.hanging.set()
        while self.connection.recv(1, socket.MSG_PEEK):
            pass

    def handle_request(self):
        started = time.monotonic()
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith("/_test/"):
            return self.control(path, raw)
        request = f"{self.command} {path}"
        entry = {"request": request, "bytes": len(raw), "status": 0}
        if path.endswith("/points/query"):
            entry["params"] = json.loads(raw).get("params")
        self.server.faults.log.append(entry)
        try:
            result = self.act(self.command, path, raw, self.server.faults.next(request))
            entry["status"] = 200
            if isinstance(result, bytes):
                return self.reply(200, result)
            if isinstance(result, dict) and "title" in result:
                return self.reply(200, json.dumps(result).encode())
            body = {"result": result, "status": "ok", "time": time.monotonic() - started}
            return self.reply(200, json.dumps(body).encode())
        except Refused as refused:
            entry["status"] = refused.status
            body = {"status": {"error": str(refused)}, "time": time.monotonic() - started}
            return self.reply(refused.status, json.dumps(body).encode())
        except Dropped:
            self.close_connection = True
            return None

    def control(self, path, raw):
        faults = self.server.faults
        if path == "/_test/log":
            return self.reply(200, json.dumps(faults.log).encode())
        if path == "/_test/hang":
            hangs = faults.hanging.wait(0.1)
            return self.reply(200, json.dumps({"hangs": hangs}).encode())
        if path == "/_test/reset":
            faults.reset()
        else:
            faults.set(json.loads(raw))
        return self.reply(200, b"{}")

    def reply(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_request


def multipart_file(content_type, body):
    boundary = re.search("boundary=([^;]+)", content_type or "")
    if not boundary:
        raise Refused(400, "Bad request: expected multipart/form-data")
    part = body.split(b"--" + boundary[1].strip('"').encode())[1]
    head, content = part.split(b"\r\n\r\n", 1)
    if b'name="snapshot"' not in head:
        raise Refused(400, "Bad request: expected the field snapshot")
    return content.removesuffix(b"\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, arguments, store, faults):
        super().__init__(("127.0.0.1", port), Handler)
        self.store = store
        self.faults = faults
        self.api_key = arguments.api_key
        self.peers = arguments.peers
        self.max_request_bytes = arguments.max_request_bytes
        self.restart_wanted = threading.Event()

    def close_and_restart(self):
        # Closed before the client learns of it: closed later, it would fail a request after the
        # one that was to fail.
        self.shutdown()
        self.server_close()
        self.restart_wanted.set()

    def handle_error(self, request, client_address):
        pass  # a client that left, or was killed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--api-key", default="")
    parser.add_argument("--peers", type=int, default=0)
    parser.add_argument("--max-request-bytes", type=int, default=32 << 20)
    arguments = parser.parse_args()
    threading.Thread(target=run, args=(arguments,), daemon=True).start()
    sys.stdin.read()


def run(arguments):
    store, faults = Store(), Faults()
    # Bound and not listening, it keeps the port from other programs while the server is closed.
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    port = keeper.getsockname()[1]
    server = Server(port, arguments, store, faults)
    print(f"listening {port}", flush=True)
    while True:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        server.restart_wanted.wait()
        time.sleep(0.2)
        server = Server(port, arguments, store, faults)


if __name__ == "__main__":
    main()
