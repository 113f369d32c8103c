from __future__ import annotations

import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.cli.studio.state import StudioLock, StudioRunning, StudioState, running_studio, state_path, write_state

STATE = StudioState(
    pid=1,
    url="http://127.0.0.1:3000",
    api_url="http://127.0.0.1:4000",
    started_at="2026-01-01T00:00:00+00:00",
    database_url="postgresql://easel:secret@127.0.0.1:5000/easel",
    redis_url="redis://:secret@127.0.0.1:6000/0",
    storage_url="file:///tmp/files",
    models=("/models/small", "owner/name"),
    stays=True,
)


def test_a_second_studio_on_the_same_folder_is_told_where_the_first_one_is(home: Path) -> None:
    with StudioLock(home):
        write_state(home, STATE)
        with pytest.raises(StudioRunning, match=r"already running at http://127\.0\.0\.1:3000"):
            StudioLock(home).acquire()


def test_a_studio_that_is_not_ready_yet_holds_the_folder_too(home: Path) -> None:
    with StudioLock(home), pytest.raises(StudioRunning, match="already starting"):
        StudioLock(home).acquire()


def test_the_state_is_readable_by_its_owner_alone(home: Path) -> None:
    with StudioLock(home):
        write_state(home, STATE)
        assert stat.S_IMODE(state_path(home).stat().st_mode) == 0o600


def test_others_find_the_running_studio(home: Path) -> None:
    with StudioLock(home):
        write_state(home, STATE)
        assert running_studio(home) == STATE


def test_after_a_stop_there_is_none(home: Path) -> None:
    with StudioLock(home):
        write_state(home, STATE)
    assert running_studio(home) is None
    assert not state_path(home).exists()


def test_what_a_killed_studio_left_counts_for_nothing(home: Path) -> None:
    program = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from app.cli.studio.state import StudioLock
        StudioLock(Path({str(home)!r})).acquire()
        Path({str(state_path(home))!r}).write_text("{{}}")
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])
    assert running_studio(home) is None
    with StudioLock(home):
        pass
