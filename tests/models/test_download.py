"""Fetching weights with the real hub client, each time in a process of its own, from a local stand-in for the hub."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest

from models.download import SIZES

pytestmark = pytest.mark.real

REVISION = "0123456789abcdef0123456789abcdef01234567"
FILES: Mapping[str, bytes] = {
    "config.json": b"{}",
    "model.bin": os.urandom(3_000_000),
    "tokenizer.json": b'{"version": "1.0"}',
    "vocabulary.txt": b"a\nb\n",
    "README.md": b"not needed",
}

Fault = Literal["", "slow", "cut", "damaged", "missing file", "no such repository", "silent"]


@dataclass
class Hub:
    """Serves `FILES` as every repository's, with a fault."""

    fault: Fault = ""
    fetched: list[str] = field(default_factory=list[str])

    def content(self, name: str) -> bytes:
        raw = FILES[name]
        return bytes(len(raw)) if self.fault == "damaged" and name == "model.bin" else raw

    @contextmanager
    def serving(self) -> Generator[str]:
        hub = self

        class Answers(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.split("?")[0]
        if self.fault == "silent":
            time.sleep(4)
        if self.fault == "no such repository":
            request.send_response(404)
            request.send_header("X-Error-Code", "RepoNotFound")
            request.end_headers()
        elif "/resolve/" in path:
            self.send_file(request, path.rsplit("/", 1)[1])
        else:
            siblings = [_described(name, "rfilename") for name in self.names()]
            tree = [_described(name, "path") | {"type": "file", "oid": _git_hash(name)} for name in self.names()]
            is_tree = "/tree/" in path
            send_json(request, tree if is_tree else {"id": "a/b", "sha": REVISION, "siblings": siblings})

    def names(self) -> Sequence[str]:
        return [name for name in FILES if not (self.fault == "missing file" and name == "tokenizer.json")]

    def send_file(self, request: BaseHTTPRequestHandler, name: str) -> None:
        raw = self.content(name)
        request.send_response(200)
        request.send_header("ETag", f'"{hashlib.sha256(FILES[name]).hexdigest()}"')
        request.send_header("X-Repo-Commit", REVISION)
        request.send_header("Content-Length", str(len(raw)))
        request.end_headers()
        if request.command == "GET":
            self.fetched.append(name)
            if self.fault == "slow":
                time.sleep(0.3)
            request.wfile.write(raw[: len(raw) // 2] if self.fault == "cut" else raw)


def _described(name: str, key: str) -> dict[str, Any]:
    """As the hub does: the big file with its hash, which only big ones have."""
    raw = FILES[name]
    lfs = {"sha256": hashlib.sha256(raw).hexdigest(), "oid": hashlib.sha256(raw).hexdigest(), "pointerSize": 130}
    return {key: name, "size": len(raw), "blobId": _git_hash(name)} | (
        {"lfs": lfs | {"size": len(raw)}} if name == "model.bin" else {}
    )


def _git_hash(name: str) -> str:
    return hashlib.sha1(FILES[name], usedforsecurity=False).hexdigest()


def send_json(request: BaseHTTPRequestHandler, answer: object) -> None:
    body = json.dumps(answer).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def antiphon_models(home: Path, endpoint: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`antiphon models ...`, whose hub and cache are set by the environment before it starts."""
    script = (
        "import argparse, sys, time, models.download; from models.download import add_arguments, run\n"
        "models.download.TELL_EVERY = 0.1\n"
        "time.sleep = lambda _: None  # the hub's client pauses before it tries again\n"
        "parser = argparse.ArgumentParser(); add_arguments(parser); sys.exit(run(parser.parse_args()))"
    )
    environment = os.environ | {"HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_DOWNLOAD_TIMEOUT": "1"}
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_weights_are_fetched_once_and_found_again_without_a_network(tmp_path: Path) -> None:
    hub = Hub("slow")
    with hub.serving() as endpoint:
        first = antiphon_models(tmp_path, endpoint, "fetch", "tiny", "--json")
    assert first.returncode == 0, first.stderr
    folder = Path(json.loads(first.stdout)["path"])
    assert tmp_path in folder.parents
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
    assert sorted(hub.fetched) == ["config.json", "model.bin", "tokenizer.json", "vocabulary.txt"]
    begun, *lines = first.stderr.splitlines()
    assert re.fullmatch(rf"fetching Whisper tiny, 78 MB, into {tmp_path}/\S+", begun)
    assert lines
    assert all(re.fullmatch(r"Whisper tiny: \d+ of 78 MB", line) for line in lines)

    again = antiphon_models(tmp_path, "http://127.0.0.1:9", "fetch", "tiny")
    assert (again.returncode, again.stdout.strip()) == (0, str(folder))
    listed = antiphon_models(tmp_path, "http://127.0.0.1:9", "list", "--json")
    paths = {row["size"]: row["path"] for row in json.loads(listed.stdout)}
    assert paths == dict.fromkeys(SIZES) | {"tiny": str(folder)}


def test_the_list_tells_people_what_there_is(tmp_path: Path) -> None:
    listed = antiphon_models(tmp_path, "http://127.0.0.1:9", "list")
    assert listed.returncode == 0
    lines = listed.stdout.splitlines()
    assert len(lines) == len(SIZES)
    assert lines[0].split() == ["tiny", "78", "MB", "99", "languages", "-"]


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("cut", "broke off"),
        ("damaged", "model.bin arrived damaged"),
        ("missing file", "lacks one of"),
        ("no such repository", "404"),
        ("silent", "no answer within 2 s"),
    ],
)
def test_a_fault_is_told_and_leaves_nothing_that_looks_complete(tmp_path: Path, fault: Fault, complaint: str) -> None:
    with Hub(fault).serving() as endpoint:
        failed = antiphon_models(tmp_path, endpoint, "fetch", "tiny", "--json")
    assert failed.returncode == 1
    assert complaint in json.loads(failed.stdout)["error"]
    listed = antiphon_models(tmp_path, "http://127.0.0.1:9", "list", "--json")
    assert {row["path"] for row in json.loads(listed.stdout)} == {None}


def test_a_download_that_was_damaged_or_cut_is_made_good_by_the_next_one(tmp_path: Path) -> None:
    for fault in ("cut", "damaged", ""):
        with Hub(fault).serving() as endpoint:
            done = antiphon_models(tmp_path, endpoint, "fetch", "tiny", "--json")
    assert done.returncode == 0, done.stderr
    assert (Path(json.loads(done.stdout)["path"]) / "model.bin").read_bytes() == FILES["model.bin"]


def test_without_a_network_it_gives_up_at_once(tmp_path: Path) -> None:
    failed = antiphon_models(tmp_path, "http://127.0.0.1:9", "fetch", "small")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: the model hub does not help")


def test_a_size_that_is_not_there_is_named(tmp_path: Path) -> None:
    failed = antiphon_models(tmp_path, "http://127.0.0.1:9", "fetch", "giant")
    assert failed.returncode == 2
    assert "invalid choice: 'giant'" in failed.stderr
