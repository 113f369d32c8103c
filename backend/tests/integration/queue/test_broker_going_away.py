"""Celery's messages carry no truth, but a consumer that stops to ask for them would leave expired leases unswept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Consumer, Queue

from app.cli.studio.redis import EmbeddedRedis
from app.tasks.app import make_celery
from app.tasks.names import MAINTENANCE_QUEUE, SWEEP
from tests.support.homes import temporary_home


@pytest.fixture
def redis() -> Iterator[EmbeddedRedis]:
    with temporary_home("broker") as home, EmbeddedRedis(home) as redis:
        yield redis


def test_a_broker_that_goes_before_the_acknowledgement_does_not_end_consuming(redis: EmbeddedRedis) -> None:
    celery = make_celery(redis.url)
    celery.send_task(SWEEP, queue=MAINTENANCE_QUEUE)
    with celery.connection() as connection:
        channel: Any = connection.channel()
        channel.basic_qos(0, 1, False)
        received: list[Any] = []
        consumer = Consumer(channel, Queue(MAINTENANCE_QUEUE), on_message=received.append)
        consumer.consume()
        connection.drain_events(timeout=10)
        [message] = received
        assert not channel.qos.can_consume(), "one message at a time"

        redis.stop()
        message.ack_log_error(celery.log.get_default_logger(), errors=(OSError, *connection.connection_errors))
        assert channel.qos.can_consume()
