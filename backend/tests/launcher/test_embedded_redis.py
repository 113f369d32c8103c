from __future__ import annotations

import os
import signal
import stat
import time
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis

from app.cli.studio.redis import EmbeddedRedis


def test_it_answers_with_the_password_and_not_without(home: Path) -> None:
    with EmbeddedRedis(home) as redis:
        assert Redis.from_url(redis.url).ping()
        with pytest.raises(AuthenticationError):
            Redis(port=redis.port).ping()


def test_the_password_is_not_visible_in_the_list_of_processes(home: Path) -> None:
    redis = EmbeddedRedis(home)
    with redis:
        password = redis.url.split(":")[2].split("@")[0]
        assert not [part for part in redis.program.argv if password in part]
        assert stat.S_IMODE((home / "redis" / "redis.conf").stat().st_mode) == 0o600


def test_data_stays_over_a_restart(home: Path) -> None:
    with EmbeddedRedis(home) as redis:
        Redis.from_url(redis.url).set("kept", "42")
    with EmbeddedRedis(home) as redis:
        assert Redis.from_url(redis.url).get("kept") == b"42"


def test_data_stays_over_a_kill_9(home: Path) -> None:
    with EmbeddedRedis(home) as redis:
        client = Redis.from_url(redis.url)
        client.set("kept", "42")
        pid = client.info("server")["process_id"]
        time.sleep(1.2)  # the file is flushed every second
        os.kill(pid, signal.SIGKILL)
    with EmbeddedRedis(home) as redis:
        assert Redis.from_url(redis.url).get("kept") == b"42"


def test_a_server_that_a_killed_studio_left_is_replaced(home: Path) -> None:
    first = EmbeddedRedis(home)
    first.start()
    left = Redis.from_url(first.url).info("server")["process_id"]
    with EmbeddedRedis(home) as second:
        assert Redis.from_url(second.url).info("server")["process_id"] != left
    first.stop()


def test_a_folder_with_spaces_and_quotes_works(home: Path) -> None:
    with EmbeddedRedis(home / 'my "own" pictures') as redis:
        assert Redis.from_url(redis.url).ping()
