"""The product as a process of its own, started as an operator would: environment in, HTTP out."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 30


def free_port() -> int:
    """Find a port that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Product:
    """One running server. `log` holds what it wrote so far."""

    def __init__(self, environ: Mapping[str, str], arguments: tuple[str, ...] = ("serve",)) -> None:
        self.port = int(environ.get("PORT") or free_port())
        self.address = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "app.py", *arguments],
            cwd=ROOT,
            env={**inherited(), "PYTHONUNBUFFERED": "1", **environ, "PORT": str(self.port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def emulator(self) -> str:
        """The address of the built-in Local Teams."""
        return f"{self.address}/local-teams"

    def wait_ready(self) -> "Product":
        """Return once `/readyz` answers 200."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise AssertionError(f"The server ended with {self._process.returncode}:\n{self.log}")
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
                    if answer.status == 200:
                        return self
            except (urllib.error.URLError, OSError):
                self._process.poll()
            threading.Event().wait(0.05)
        raise AssertionError(f"The server was not ready in {START_SECONDS} s:\n{self.log}")

    def stop(self) -> int:
        """Stop it as Ctrl-C does; returns its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self._ended()

    def kill(self) -> None:
        """Stop it as a power failure does."""
        self._process.kill()
        self._ended()

    def _ended(self) -> int:
        try:
            code = self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"The server did not stop:\n{self.log}") from None
        self._reader.join(timeout=5)
        if self._process.stdout:
            self._process.stdout.close()
        return code

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append(line)


def run_command(*arguments: str, environ: Mapping[str, str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of the product to its end, with nothing in its environment but what is needed and given."""
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        cwd=cwd,
        env={**inherited(), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def inherited() -> dict[str, str]:
    """Give what every process needs of this one's environment."""
    return {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "XDG_RUNTIME_DIR", "TMPDIR")}


@contextmanager
def running(environ: Mapping[str, str]) -> Iterator[Product]:
    """Run the product for a block."""
    product = Product(environ)
    try:
        yield product.wait_ready()
    finally:
        product.stop()


def said_address(log: str) -> str | None:
    """Find the address that a start announced."""
    found = re.search(r"http://127\.0\.0\.1:\d+/", log)
    return found[0] if found else None
