"""Tables for a terminal that are Markdown as well, so that they can be pasted into a page."""

from __future__ import annotations

import os
from collections.abc import Sequence

LARGE = 1000


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *notes: str) -> None:
    """The first column to the left, figures to the right. Notes come below, one a line."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[at]) for line in [list(columns), *cells]) for at in range(len(columns))]
    print(f"\n{title}\n")
    print(_line(columns, widths))
    print("|" + "|".join(_rule(width, at) for at, width in enumerate(widths)) + "|")
    for row in cells:
        print(_line(row, widths))
    load = os.getloadavg()[0]
    for note in (*notes, f"{os.cpu_count()} processors, load {load:.1f} at the end: read ratios, not seconds."):
        print(f"\n{note}")


def verdict(figure: float, bound: float, *, at_most: bool = True) -> str:
    """Whether the figure keeps its promise, in the words of the table."""
    kept = figure <= bound if at_most else figure >= bound
    return f"{'kept' if kept else 'NOT KEPT'} ({'≤' if at_most else '≥'} {bound:g})"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) > LARGE else f"{value:.3g}"
    return str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = [
        cell.ljust(width) if at == 0 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "| " + " | ".join(parts) + " |"


def _rule(width: int, at: int) -> str:
    return "-" * (width + 2) if at == 0 else "-" * (width + 1) + ":"
