"""The composition root: what a process is made of. Nothing but entry points imports it."""

from app import models as _all_tables  # noqa: F401 (fills the metadata)
