"""Names of tasks and queues, known to sender and worker alike."""

from __future__ import annotations

WORK = "easel.work"
SWEEP = "easel.sweep"
SWEEP_FILES = "easel.sweep-files"
GENERATE_QUEUE = "easel.generate"
MAINTENANCE_QUEUE = "easel.maintenance"
