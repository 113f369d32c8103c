"""`./easel bench NAME`: one comparison, as a table. Without a name it lists them.

Also: `.venv/bin/python bench/run.py NAME [--rounds N]`. Each file in bench/cases is one case: its first docstring line
says what it compares, and its `run(rounds)` does it.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "bench" / "cases"
sys.path[:0] = [str(ROOT), str(ROOT / "backend")]


def main() -> int:
    from bench.lib.rounds import ROUNDS

    names = sorted(path.stem for path in CASES.glob("*.py") if path.stem != "__init__")
    parser = argparse.ArgumentParser(prog="./easel bench", description="Run one comparison, and print its table.")
    parser.add_argument("name", nargs="?", metavar="NAME", help=f"one of {', '.join(names)}; none: list them")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds, at least five (%(default)s)")
    options = parser.parse_args()
    if options.name is None:
        for name in names:
            print(f"{name:<12} {(case(name).__doc__ or '').splitlines()[0]}")
        return 0
    if options.name not in names:
        parser.error(f"there is no case {options.name}; choose one of {', '.join(names)}")
    asyncio.run(case(options.name).run(rounds=max(1, options.rounds)))
    return 0


def case(name: str) -> ModuleType:
    return importlib.import_module(f"bench.cases.{name}")


if __name__ == "__main__":
    sys.exit(main())
