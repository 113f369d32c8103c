from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from app.cli.studio.postgres import EmbeddedPostgres


def server_pid(postgres: EmbeddedPostgres) -> int:
    return int((postgres.data / "postmaster.pid").read_text().splitlines()[0])


async def query(postgres: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(postgres.url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_the_role_owns_its_database_and_is_no_superuser(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT current_user::text") == "easel"
        assert not await query(postgres, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert (
            await query(postgres, "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = 'easel'")
            == "easel"
        )


async def test_the_role_may_make_other_roles_and_take_them_on(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        connection = await asyncpg.connect(postgres.url)
        await connection.execute("CREATE ROLE easel_app NOLOGIN; GRANT easel_app TO easel; SET ROLE easel_app")
        assert await connection.fetchval("SELECT current_user::text") == "easel_app"
        await connection.close()


async def test_the_extensions_that_need_a_superuser_are_there(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT similarity('rocket', 'rockets') > 0.5")
        assert await query(postgres, "SELECT similarity('größer', 'größe') > 0.4"), "trigrams know letters beyond ASCII"


async def test_a_wrong_password_is_refused(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres, pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url.replace("easel:", "easel:x"))


async def test_data_and_port_stay_over_a_restart(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        await query(postgres, "CREATE TABLE kept AS SELECT 42 AS number")
        port = postgres.port
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT number FROM kept") == 42
        assert postgres.port == port


async def test_a_kill_9_loses_nothing(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        await query(postgres, "CREATE TABLE kept AS SELECT 42 AS number")
        os.kill(server_pid(postgres), signal.SIGKILL)
    with EmbeddedPostgres(home) as postgres:
        assert await query(postgres, "SELECT number FROM kept") == 42


async def test_a_server_that_a_killed_studio_left_is_replaced(home: Path) -> None:
    first = EmbeddedPostgres(home, durable=False)
    first.start()
    await query(first, "CREATE TABLE kept AS SELECT 42 AS number")
    left = server_pid(first)
    with EmbeddedPostgres(home, durable=False) as second:
        assert server_pid(second) != left
        assert await query(second, "SELECT number FROM kept") == 42
    first.stop()


async def test_a_lock_that_names_a_stranger_is_cleared(home: Path, stranger: subprocess.Popen[bytes]) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        lock = postgres.data / "postmaster.pid"
        content = lock.read_text().splitlines()
    lock.write_text("\n".join([str(stranger.pid), *content[1:]]) + "\n")
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT 1") == 1
    assert stranger.poll() is None


async def test_an_interrupted_first_start_is_repeated(home: Path) -> None:
    (home / "postgres" / "data.partial" / "base").mkdir(parents=True)
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT 1") == 1


async def test_it_runs_below_a_closed_folder(home: Path) -> None:
    """As in a clone below /root: the user nobody can't reach it."""
    home.parent.chmod(0o700)
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
async def test_a_folder_that_was_moved_to_a_closed_place_is_still_usable(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        await query(postgres, "CREATE TABLE kept AS SELECT 42 AS number")
    home.parent.chmod(0o700)
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert await query(postgres, "SELECT number FROM kept") == 42


async def test_a_stop_leaves_no_process_and_is_quick_with_open_sessions(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False) as postgres:
        connection = await asyncpg.connect(postgres.url)
        family = psutil.Process(server_pid(postgres)).children(recursive=True)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert not [process for process in family if process.is_running()]
    connection.terminate()


def test_passwords_are_readable_by_their_owner_alone(home: Path) -> None:
    with EmbeddedPostgres(home, durable=False):
        pass
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home / "keys").iterdir()}
    assert modes == {0o600}
