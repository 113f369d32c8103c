"""The database roles that a transaction takes on. None owns a table, none may bypass row-level security."""

from __future__ import annotations

APP_ROLE = "easel_app"
"""Requests and the recording of results: sees one organisation's rows."""

ENGINE_ROLE = "easel_engine"
"""The queues: claims, leases and sweeps jobs of all organisations, sends mails, and sees nothing else."""
