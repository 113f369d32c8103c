"""What signed links have in common: when they end, and how the browser treats the file."""

from __future__ import annotations

from urllib.parse import quote


def window_end(now: float, lifetime: int) -> int:
    """When a link made at `now` ends, in epoch seconds.

    Time is cut into windows of half a lifetime, and a link lives to the end of the window after its own. So all links
    made within one window are the same, which lets browsers cache, and each lives between half and one lifetime.
    """
    window = max(lifetime // 2, 1)
    return (int(now) // window + 2) * window


def content_disposition(filename: str | None) -> str:
    """`inline` without a name; otherwise `attachment` under it (RFC 6266, with RFC 8187 for what isn't ASCII)."""
    if not filename:
        return "inline"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename.encode('utf-8', 'replace'), safe='')}"
