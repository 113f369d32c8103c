"""The `parameters` text that AUTOMATIC1111's web UI writes into its PNGs, and that half the field's tools read.

The form, from `create_infotext` and `parse_generation_parameters` in its sources::

    a red rocket, flat
    Negative prompt: blurry
    Steps: 20, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 64x64, Model: easel-small, Version: Easel 0.1.0

The form is ambiguous when a prompt itself has a line that begins with "Negative prompt:". Only then one key more,
`Prompt lines`, says how many lines the prompt has; readers that don't know it skip it, as they do with any key.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

NEGATIVE_PREFIX = "Negative prompt: "
PROMPT_LINES = "Prompt lines"
_ITEM = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_SIZE = re.compile(r"(\d+)x(\d+)")


@dataclass(frozen=True, slots=True)
class PngParameters:
    """What made one picture. Sizes in pixels; `sampler` is the scheduler's short name, e.g. ``DDIM``."""

    prompt: str
    negative_prompt: str | None
    steps: int
    sampler: str
    guidance: float
    seed: int
    width: int
    height: int
    model: str
    version: str


def format_parameters(parameters: PngParameters) -> str:
    """One text chunk; `parse_parameters` gives the same back. An empty negative prompt is written as none.

    NUL, which PNG text can't hold, is dropped.
    """
    prompt = parameters.prompt.replace("\0", "")
    negative = (parameters.negative_prompt or "").replace("\0", "")
    items = {
        "Steps": str(parameters.steps),
        "Sampler": parameters.sampler,
        "CFG scale": str(float(parameters.guidance)),
        "Seed": str(parameters.seed),
        "Size": f"{parameters.width}x{parameters.height}",
        "Model": parameters.model,
        "Version": parameters.version,
    }
    prompt_lines = prompt.split("\n")
    if any(line.startswith(NEGATIVE_PREFIX) for line in prompt_lines):
        items[PROMPT_LINES] = str(len(prompt_lines))
    lines = [prompt]
    if negative:
        lines.append(NEGATIVE_PREFIX + negative)
    lines.append(", ".join(f"{key}: {_quote(value)}" for key, value in items.items()))
    return "\n".join(lines)


def parse_parameters(text: str) -> PngParameters:
    """Read the form back. Raises `ValueError` when the last line lacks steps, seed or size."""
    *lines, last = text.split("\n")
    items = {match[1]: _unquote(match[2]) for match in _ITEM.finditer(last)}
    size = _SIZE.fullmatch(items.get("Size", ""))
    if size is None or "Steps" not in items or "Seed" not in items:
        raise ValueError("no generation parameters in the last line")
    prompt, negative = _split_prompts(lines, items.get(PROMPT_LINES))
    return PngParameters(
        prompt=prompt,
        negative_prompt=negative,
        steps=int(items["Steps"]),
        sampler=items.get("Sampler", ""),
        guidance=float(items.get("CFG scale", "1")),
        seed=int(items["Seed"]),
        width=int(size[1]),
        height=int(size[2]),
        model=items.get("Model", ""),
        version=items.get("Version", ""),
    )


def _split_prompts(lines: list[str], prompt_lines: str | None) -> tuple[str, str | None]:
    if prompt_lines is not None:
        end = int(prompt_lines)
    else:
        starts = (number for number, line in enumerate(lines) if line.startswith(NEGATIVE_PREFIX))
        end = next(starts, len(lines))
    negative = "\n".join(lines[end:]).removeprefix(NEGATIVE_PREFIX)
    return "\n".join(lines[:end]), negative or None


def _quote(value: str) -> str:
    return json.dumps(value, ensure_ascii=False) if re.search(r'[,:"\n]|^\s|\s$', value) else value


def _unquote(value: str) -> str:
    if not (value.startswith('"') and value.endswith('"')):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        return value
