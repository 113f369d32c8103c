"""Where the pictures of one job go, and how they get there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def names_for(output: Path, count: int) -> list[Path]:
    """`heart.png` for one image; heart-1.png, heart-2.png … for several."""
    if count == 1:
        return [output]
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in range(1, count + 1)]


def check_writable(output: Path) -> str | None:
    """What would stop a file of this name, said before minutes are spent on it."""
    if output.is_dir():
        return f"{output} is a folder; name a file in it, such as {output / 'image.png'}"
    if not output.parent.is_dir():
        return f"there is no folder {output.parent}; make it, or choose another place for -o"
    if not os.access(output.parent, os.W_OK):
        return f"the folder {output.parent} is not writable for you; choose another place for -o"
    return None


def write_whole(path: Path, content: bytes) -> None:
    """Replace `path` in one step: a reader, or a crash, finds the old file or the new one and nothing between."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        partial.chmod(0o666 & ~umask)  # mkstemp's 600 would surprise
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
