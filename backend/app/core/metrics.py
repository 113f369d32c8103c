"""Every Prometheus metric in one place, so that a dashboard's author reads one file."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

HTTP_SECONDS = Histogram(
    "easel_http_request_seconds",
    "Time to answer a request, streams left out.",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
EVENT_STREAMS = Gauge("easel_event_streams", "Open server-sent event streams of this process.")
GATE_REFUSALS = Counter(
    "easel_gate_refusals_total", "Requests of callers who were refused too often, turned away unread."
)

JOBS_ACCEPTED = Counter("easel_jobs_accepted_total", "Jobs committed to the queue.", ["model"])
JOBS_FINISHED = Counter("easel_jobs_finished_total", "Jobs that reached a terminal state.", ["model", "status"])
WAKE_UPS_FAILED = Counter(
    "easel_wake_ups_failed_total", "Wake-ups that the broker did not take; the sweep makes up for them."
)

QUEUE_JOBS = Gauge("easel_queue_jobs", "Jobs that wait or run.", ["model", "status"])
QUEUE_COST = Gauge("easel_queue_cost_megapixel_steps", "Cost of the jobs that wait.", ["model"])
QUEUE_OLDEST_SECONDS = Gauge("easel_queue_oldest_seconds", "Age of the job that has waited longest.", ["model"])

JOB_WAIT_SECONDS = Histogram(
    "easel_job_wait_seconds",
    "From accepted to claimed.",
    ["model"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800),
)
JOB_RUN_SECONDS = Histogram(
    "easel_job_run_seconds",
    "From claimed to recorded, by stage.",
    ["model", "stage"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
)
BATCH_IMAGES = Histogram(
    "easel_batch_images", "Images that shared a forward pass.", ["model"], buckets=(1, 2, 4, 8, 16, 32)
)
IMAGES_MADE = Counter("easel_images_total", "Images recorded.", ["model"])
LEASES_LOST = Counter("easel_leases_lost_total", "Times that a worker came too late and changed nothing.")
JOBS_REQUEUED = Counter("easel_jobs_requeued_total", "Jobs taken back from a worker whose lease ran out.")
MODEL_LOAD_SECONDS = Gauge("easel_model_load_seconds", "How long the last load of a model took.", ["model"])
EXPORTS_MADE = Counter("easel_exports_total", "Zip archives that were finished.")
IMAGES_REMOVED = Counter("easel_images_removed_total", "Deleted images whose time to undo it has passed.")
ORPHANS_REMOVED = Counter("easel_orphans_removed_total", "Files that no image named, removed by the sweep.")
MAILS = Counter("easel_mails_total", "Attempts to send a mail, by what became of it.", ["outcome"])
