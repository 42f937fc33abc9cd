"""A real Redis for as long as a test needs it, on a socket in a folder and on no port."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import missing

STARTS_WITHIN = 10.0
"""Seconds; it takes 50 ms."""


AGEING = """
for _, key in ipairs(redis.call('KEYS', '*')) do
    redis.call('PEXPIRE', key, redis.call('PTTL', key) - ARGV[1])
end
"""


class RedisServer:
    """One that can be stopped and started; it keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Returns once it answers."""
        where = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.socket.parent)]
        nothing_kept = ["--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(["redis-server", *where, *nothing_kept, *options], stdout=subprocess.DEVNULL)
        until = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError("redis-server did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """At once, whatever it is doing."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, *words: str) -> str:
        """What it says to a command, as it says it."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(STARTS_WITHIN)
            asking.connect(str(self.socket))
            asking.sendall(_command(words))
            return asking.recv(65536).decode(errors="replace")

    def age(self, seconds: float) -> None:
        """As if so much time had passed."""
        self.ask("EVAL", AGEING, "0", str(round(seconds * 1000)))

    def _answers(self) -> bool:
        with suppress(OSError):
            return self.ask("PING") == "+PONG\r\n"
        return False


@contextmanager
def redis_serving(folder: Path) -> Generator[RedisServer]:
    """One that has started, and is stopped at the end."""
    if not shutil.which("redis-server"):
        missing("Redis", "apt install redis-server")
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _command(words: Sequence[str]) -> bytes:
    """As Redis wants it (RESP)."""
    return b"".join([b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(one), one.encode()) for one in words)])
