"""What the files of images are, as `Content-Type` says it."""

from __future__ import annotations

PNG = "image/png"
WEBP = "image/webp"
