"""`./easel test`: every check that CI runs, with a table at the end. It goes on after a failure.

Python's checks and the pages' checks run side by side, since they share nothing; the browser's journey comes last and
alone, since it is about time. Each check's whole output is in .cache/checks/NAME.log.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BACKEND, FRONTEND, MODEL = ROOT / "backend", ROOT / "frontend", ROOT / "model"
LOGS = ROOT / ".cache" / "checks"
PYTHON, NPM = sys.executable, shutil.which("npm") or "npm"
KEPT_VARIABLES = {
    "EASEL_CHROMIUM",
    "EASEL_MODEL",
    "EASEL_CHAOS",
    "EASEL_CHAOS_REDIS_AWAY_SECONDS",
    "EASEL_SCHEMA",
    "EASEL_AUDIT",
    "EASEL_OSV_URL",
}
SHOWN_LINES = 60
NAMED_FAILURES = 12
ANSI = re.compile(r"\x1b\[[0-9;]*m")
SCRIPTS = " ".join(
    ("../easel", *(f"../scripts/{name}.py" for name in ("audit", "checks", "journey", "sbom", "screens")), "../bench")
)
# Two processes with servers of their own; a file stays in one, since its tests share what is dear to make.
BY_FILE = ("-n", "2", "--dist", "loadfile")
# What is loaded by name (drivers, embedded servers), or stable through its parent, deptry cannot know.
DEPTRY = "app --known-first-party app --optional-dependencies-dev-groups dev --ignore DEP002,DEP003"
# They talk to a person, start programs and import late, which the application may not.
SCRIPT_RULES = "--config pyproject.toml --ignore T20,S603,S606,PLC0415"


@dataclass(frozen=True)
class Check:
    """`needs` is a path without which there is nothing to check (yet); such a check fails and says so."""

    name: str
    about: str
    command: tuple[str, ...]
    cwd: Path
    minutes: float = 10
    needs: Path | None = None


@dataclass
class Result:
    check: Check
    passed: int
    failed: int
    seconds: float
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def python(*arguments: str) -> tuple[str, ...]:
    return (PYTHON, "-m", *arguments)


def shell(*commands: str) -> tuple[str, ...]:
    """Commands of the virtual environment, one after the other until one fails."""
    folder = Path(PYTHON).parent
    return ("bash", "-c", " && ".join(f"{folder}/{command}" for command in commands))


def npm(script: str) -> tuple[str, ...]:
    return (NPM, "run", "--silent", script)


PYTHON_CHECKS = (
    Check(
        "format",
        "ruff format: one style of Python",
        shell("ruff format --check", f"ruff format --check --config pyproject.toml {SCRIPTS}"),
        BACKEND,
    ),
    Check("lint", "ruff: Python's rules", shell("ruff check", f"ruff check {SCRIPT_RULES} {SCRIPTS}"), BACKEND),
    Check("imports", "import-linter: who may import whom", shell("lint-imports"), BACKEND),
    Check("dependencies", "deptry: what runs needs nothing of what tests need", shell(f"deptry {DEPTRY}"), BACKEND),
    Check("types", "mypy, strict", shell("mypy", f"mypy --scripts-are-modules {SCRIPTS}"), BACKEND),
    Check(
        "audit",
        "known vulnerabilities (OSV; EASEL_AUDIT=required where the Internet is reachable) and licences",
        (PYTHON, str(ROOT / "scripts" / "audit.py")),
        ROOT,
    ),
    Check("openapi", "openapi.json is what the code says", python("app.cli", "openapi", "--check"), ROOT),
    Check(
        "model",
        "the default model's code: ruff, mypy and tests",
        shell("ruff check", "ruff format --check", "mypy", "pytest -q"),
        MODEL,
        needs=MODEL / "tests",
    ),
    Check(
        "backend",
        "unit, integration, API and contract tests",
        python("pytest", *BY_FILE, "--ignore=tests/launcher", "--ignore=tests/chaos", "--ignore=tests/schema"),
        BACKEND,
        20,
    ),
    Check(
        "schema",
        "Schemathesis: the API answers as its document says, whoever asks (EASEL_SCHEMA=full for the long run)",
        python("pytest", "-n", "2", "tests/schema"),
        BACKEND,
        minutes=180 if os.environ.get("EASEL_SCHEMA") == "full" else 40,
    ),
    Check(
        "launcher",
        "embedded servers, supervisor, command line",
        python("pytest", *BY_FILE, "tests/launcher"),
        BACKEND,
        15,
    ),
)
PAGES_CHECKS = (
    Check("pages-client", "the generated client is what openapi.json says", npm("check:generated"), FRONTEND),
    Check("pages-lint", "ESLint and the pages' import rules", npm("lint"), FRONTEND),
    Check("pages-types", "TypeScript, strict", npm("typecheck"), FRONTEND),
    Check("pages-unit", "components and hooks", npm("test"), FRONTEND),
    Check(
        "pages-stories",
        "every state of every primitive in a real browser, light and dark: it works, and axe finds nothing",
        npm("test:stories"),
        FRONTEND,
    ),
    Check("pages-storybook", "the stories as a site of their own", npm("build:storybook"), FRONTEND),
    Check("pages-build", "the production build", (sys.executable, str(ROOT / "easel"), "setup"), ROOT),
    Check(
        "pages-weight",
        "compressed JavaScript of each route, against its limit",
        npm("weight"),
        FRONTEND,
        needs=FRONTEND / ".next" / "standalone",
    ),
)
LAST_CHECKS = (
    Check(
        "chaos",
        "real processes killed, frozen and refused: nothing lost, nothing twice (EASEL_CHAOS=full for the long run)",
        python("pytest", "tests/chaos"),
        BACKEND,
        minutes=60 if os.environ.get("EASEL_CHAOS") == "full" else 20,
    ),
    Check(
        "journey",
        "a real studio and a real browser: register, generate, gallery, sign out and in",
        (PYTHON, str(ROOT / "scripts" / "journey.py")),
        ROOT,
        minutes=35,
    ),
)
ALL_CHECKS = (*PYTHON_CHECKS, *PAGES_CHECKS, *LAST_CHECKS)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./easel test", description="Run every check that CI runs, or the named ones."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="run these only; a beginning of a name is enough")
    parser.add_argument("--list", action="store_true", help="name the checks and stop")
    options = parser.parse_args()
    if options.list:
        for check in ALL_CHECKS:
            print(f"{check.name:<15} {check.about}")
        return 0
    chosen = choose(options.names)
    if not chosen:
        parser.error(f"no check is called {' or '.join(options.names)}; --list names them")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    LOGS.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    runner = Runner()
    try:
        runner.run_side_by_side([c for c in PYTHON_CHECKS if c in chosen], [c for c in PAGES_CHECKS if c in chosen])
        runner.run_in_turn([c for c in LAST_CHECKS if c in chosen])
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    finally:
        runner.stop()
    return summary(sorted(runner.results, key=lambda result: ALL_CHECKS.index(result.check)), time.monotonic() - began)


def choose(names: list[str]) -> list[Check]:
    if not names:
        return list(ALL_CHECKS)
    exact = {check.name for check in ALL_CHECKS}
    return [
        check
        for check in ALL_CHECKS
        if any(check.name == name or (name not in exact and check.name.startswith(name)) for name in names)
    ]


class Runner:
    """Runs checks in threads of their own, and leaves no process behind."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._began = time.monotonic()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run_side_by_side(self, *lanes: list[Check]) -> None:
        threads = [threading.Thread(target=self.run_in_turn, args=(lane,)) for lane in lanes if lane]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)

    def run_in_turn(self, checks: list[Check]) -> None:
        for check in checks:
            if self._stopped:
                return
            self._say(f"{check.name} …")
            result = self._run(check)
            self.results.append(result)
            self._say(f"{check.name}: {'ok' if not result.failed else 'FAILED'} in {result.seconds:.1f} s")
            if result.failed:
                with self._lock:
                    print("\n".join(f"    {line}" for line in result.notes), flush=True)

    def stop(self) -> None:
        self._stopped = True
        for process in list(self._processes):
            kill_family(process)

    def _say(self, sentence: str) -> None:
        with self._lock:
            print(f"[{time.monotonic() - self._began:6.1f} s] {sentence}", flush=True)

    def _run(self, check: Check) -> Result:
        began = time.monotonic()
        if check.needs is not None and not check.needs.exists():
            return Result(check, 0, 1, 0.0, [f"{check.needs} is missing"])
        log = LOGS / f"{check.name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                check.command,
                cwd=check.cwd,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._processes.add(process)
            try:
                code = process.wait(check.minutes * 60)
                late = False
            except subprocess.TimeoutExpired:
                kill_family(process)
                code, late = process.wait(), True
            self._processes.discard(process)
        text = ANSI.sub("", log.read_text(errors="replace"))
        passed, failed = count(text)
        if code == 0:
            passed, failed = max(passed, 1), 0
        else:
            failed = max(failed, 1)
        notes = text.splitlines()[-SHOWN_LINES:] + ([f"ended after {check.minutes:g} minutes"] if late else [])
        failures = named_failures(text) if failed else []
        return Result(check, passed, failed, time.monotonic() - began, [*notes, f"(all of it: {log})"], failures)


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """TERM first: what a check started (a studio, servers) is then stopped by the check itself."""
    for name, seconds in ((signal.SIGTERM, 30), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, name)
            process.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def environment() -> dict[str, str]:
    """Without the person's own settings, so that a check means the same everywhere."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("EASEL_") or name in KEPT_VARIABLES
    }
    return kept | {
        "PYTHONPATH": str(BACKEND),
        "NO_COLOR": "1",
        "NEXT_TELEMETRY_DISABLED": "1",
        "STORYBOOK_DISABLE_TELEMETRY": "1",
        "PYTHONUNBUFFERED": "1",
    }


def count(text: str) -> tuple[int, int]:
    """Tests passed and failed, from the last lines of pytest, vitest or Playwright; (0, 0) when none of them spoke."""
    passed = failed = 0
    for line in text.splitlines()[-40:]:
        # vitest counts files as well as tests; its line of tests begins with "Tests".
        if re.match(r"\s*Test Files\s", line):
            continue
        if re.match(r"(\s*Tests\s+)?[=\s]*\d+ (passed|failed|errors?|skipped|flaky|did not run)\b", line.rstrip(".")):
            passed += sum(map(int, re.findall(r"(\d+) passed", line)))
            failed += sum(map(int, re.findall(r"(\d+) (?:failed|errors?|did not run)", line)))
    return passed, failed


# pytest's short summary and the journey's own parts; vitest; Playwright's list at the end; the first line of an error.
FAILURE_LINES = re.compile(
    r"(FAILED|ERROR|FAIL)\b.{3,}|\d+\) \[.+|(Assertion|Type|Syntax|Timeout)?Error: .+|.+: error: .+"
)


def named_failures(text: str) -> list[str]:
    """The lines that say which tests failed and why, once each, in their order."""
    lines = (line.strip()[:300] for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if FAILURE_LINES.match(line)))[:NAMED_FAILURES]


def summary(results: list[Result], seconds: float) -> int:
    print()
    for result in results:
        word = "FAILED" if result.failed else "ok"
        counted = f"{result.passed} passed" + (f", {result.failed} failed" if result.failed else "")
        print(f"{word:<7} {result.check.name:<15} {result.seconds:7.1f} s   {counted}")
        for line in result.failures:
            print(f"        {line}")
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    print(f"\n{len(results)} checks in {seconds:.0f} s")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
