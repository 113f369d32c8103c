"""The Celery application: what a message means is in the tasks, what it costs to lose one is nothing."""

from __future__ import annotations

from celery import Celery

from app.tasks.names import EXPORTS, GENERATE_QUEUE, MAINTENANCE_QUEUE, PURGE, SEND_MAILS, SWEEP, SWEEP_FILES

# Far longer than clocks differ, see wake_ups.py.
SWEEP_EXPIRES_SECONDS = 900
PURGE_SECONDS = 60.0


def make_celery(
    broker_url: str, *, sweep_seconds: float = 1.0, file_sweep_seconds: float = 3600.0, mail_seconds: float = 2.0
) -> Celery:
    celery = Celery("easel", broker=broker_url, set_as_current=False)
    celery.conf.update(
        task_default_queue=GENERATE_QUEUE,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        # A wake-up is done as soon as it is received: the job's lease, not the message, remembers the work.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        # The default of 4 s is too short on a busy machine: each new child is killed before it can say that it is up.
        worker_proc_alive_timeout=60.0,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=3,
        broker_transport_options=_transport_options(broker_url),
        redis_socket_timeout=10,
        redis_socket_connect_timeout=3,
        timezone="UTC",
        enable_utc=True,
        beat_schedule={
            name: {
                "task": name,
                "schedule": seconds,
                "options": {"queue": MAINTENANCE_QUEUE, "expires": SWEEP_EXPIRES_SECONDS},
            }
            for name, seconds in (
                (SWEEP, sweep_seconds),
                (EXPORTS, sweep_seconds),
                (SWEEP_FILES, file_sweep_seconds),
                (SEND_MAILS, mail_seconds),
                (PURGE, PURGE_SECONDS),
            )
        },
    )
    return celery


def _transport_options(broker_url: str) -> dict[str, object]:
    if broker_url.startswith(("redis", "unix")):
        return {
            "socket_keepalive": True,
            "health_check_interval": 30,
            "global_keyprefix": "easel:celery:",
            # Of no use to messages that may be lost. And one whose acknowledgement met a Redis that had just gone would
            # count as unacknowledged for ever: the consumer would never ask for another.
            "ack_emulation": False,
        }
    return {}
