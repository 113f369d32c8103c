"""The whole of Easel once, as a person meets it: `./easel up`, a browser, the command line, Ctrl-C, nothing left.

Prints what it does; Playwright's own lines tell which test failed. Ends with pytest-like counts that checks.py sums.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
EASEL = (sys.executable, str(ROOT / "easel"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS, STOP_SECONDS, LONGEST_STOP_SECONDS = 300.0, 60.0, 30.0
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class JourneyFailed(Exception):
    """The message says what was not as it should be."""


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    home = Path(tempfile.mkdtemp(prefix="easel-journey-"))
    home.chmod(0o711)
    environment = {**os.environ, "EASEL_HOME": str(home / "home")}
    failures = 0
    try:
        browser = find_browser()
        for part in (browser_journey, command_line_journey, second_start):
            try:
                part(environment, browser)
            except (JourneyFailed, subprocess.SubprocessError) as failure:
                failures += 1
                print(f"FAILED {part.__name__}: {failure}", flush=True)
        if left := still_running(home):
            failures += 1
            print("FAILED: these processes were left behind:\n" + "\n".join(left), flush=True)
        if failures:
            show_logs(home / "home" / "logs")
    except JourneyFailed as failure:
        failures += 1
        print(f"FAILED: {failure}")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{4 - min(failures, 4)} passed, {failures} failed")
    return 1 if failures else 0


def find_browser() -> str:
    named = os.environ.get("EASEL_CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None or shutil.which(found) is None:
        raise JourneyFailed(
            "no Chromium is on PATH. Install it: apt-get install chromium, or name one with EASEL_CHROMIUM"
        )
    return found


def browser_journey(environment: dict[str, str], browser: str) -> None:
    """A fresh studio: the browser tests do what a first visitor does."""
    with studio(environment) as facts:
        expect(facts["first_run"] is True, f"a fresh studio says first_run, not {facts['first_run']}")
        own = {"EASEL_E2E_URL": facts["url"], "EASEL_CHROMIUM": browser}
        command = [shutil.which("npm") or "npm", "run", "--silent", "test:e2e"]
        code = subprocess.run(
            command, cwd=ROOT / "frontend", env={**environment, **own}, check=False, timeout=1800
        ).returncode
        expect(code == 0, f"the browser tests failed (exit code {code})")


def command_line_journey(environment: dict[str, str], _: str) -> None:
    """Without a running studio, `generate` brings up what it needs and takes it down again."""
    picture = Path(environment["EASEL_HOME"]) / "heart.png"
    result = easel(environment, "generate", "a blue heart", "-o", str(picture), "--seed", "7", "--json")
    expect(result["status"] == "COMPLETED", f"the job ended as {result['status']}")
    expect(picture.read_bytes().startswith(PNG_SIGNATURE), "the file is no PNG")


def second_start(environment: dict[str, str], _: str) -> None:
    """The data is still there; a second studio on the same folder is refused; `generate` uses the running one."""
    began = time.monotonic()
    with studio(environment) as facts:
        print(f"the second start took {time.monotonic() - began:.1f} s", flush=True)
        expect(facts["first_run"] is False, "the second start finds the account of the first")
        command = [*EASEL, "up", "--port", str(free_port())]
        other = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        expect(other.returncode != 0, "a second studio on the same data folder is refused")
        expect(facts["url"] in other.stderr, f"it says where the first one is, not: {other.stderr[-500:]}")
        picture = Path(environment["EASEL_HOME"]) / "rocket.png"
        result = easel(environment, "generate", "a red rocket", "-o", str(picture), "--count", "2", "--json")
        names = [Path(image["path"]).name for image in result["images"]]
        expect(names == ["rocket-1.png", "rocket-2.png"], f"two images have two names, not {names}")


@contextlib.contextmanager
def studio(environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """`./easel up --json` on a free port, stopped by SIGTERM at the end."""
    command = [*EASEL, "up", "--json", "--port", str(free_port())]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield first_line(process, process.stdout)
    finally:
        began = time.monotonic()
        process.terminate()
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        seconds = time.monotonic() - began
        process.stdout.close()
        print(f"the studio stopped in {seconds:.1f} s", flush=True)
    expect(code == 0, f"./easel up ended with exit code {code}")
    expect(seconds < LONGEST_STOP_SECONDS, f"the studio took {seconds:.0f} s to stop")


def first_line(process: subprocess.Popen[str], output: IO[str]) -> dict[str, Any]:
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(output.readline()), daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    if not lines or not lines[0].strip():
        raise JourneyFailed(f"./easel up did not get ready (exit code {process.poll()})")
    facts: dict[str, Any] = json.loads(lines[0])
    print(f"the studio is ready: {facts}", flush=True)
    return facts


def easel(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    result = subprocess.run(
        [*EASEL, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False, timeout=300
    )
    expect(result.returncode == 0, f"./easel {arguments[0]} ended with exit code {result.returncode}")
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def expect(condition: bool, sentence: str) -> None:
    if not condition:
        raise JourneyFailed(sentence)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def still_running(home: Path) -> list[str]:
    """Every process that was started with this data folder."""
    left = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        with contextlib.suppress(psutil.Error):
            words = " ".join(process.info["cmdline"] or ())
            ours = str(home) in words or process.environ().get("EASEL_HOME", "").startswith(str(home))
            if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                left.append(f"{process.pid} {words[:150]}")
    return left


def show_logs(folder: Path) -> None:
    for path in sorted(folder.glob("*.log")):
        lines = path.read_text(errors="replace").splitlines()[-8:]
        print(f"--- {path.name}\n" + "\n".join(line[:300] for line in lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
