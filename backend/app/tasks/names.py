"""Names of tasks and queues, known to sender and worker alike."""

from __future__ import annotations

WORK = "easel.work"
SWEEP = "easel.sweep"
EXPORTS = "easel.exports"
SWEEP_FILES = "easel.sweep-files"
PURGE = "easel.purge"
SEND_MAILS = "easel.send-mails"
GENERATE_QUEUE = "easel.generate"
MAINTENANCE_QUEUE = "easel.maintenance"
