"""Everything at once. `EASEL_CHAOS=full ./easel test chaos` is the long run: at least forty kills of each kind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest

from tests.chaos.storm import FULL, OTHER_TROUBLES, SHORT, Storm
from tests.support.real_studio import RealStudio


@pytest.mark.timeout(3000)
async def test_a_storm_loses_nothing_and_does_nothing_twice(
    studio: RealStudio, record_property: Callable[[str, object], None]
) -> None:
    plan = FULL if os.environ.get("EASEL_CHAOS") == "full" else SHORT
    report = await Storm(studio, plan).run()
    record_property("report", report.as_json())
    sys.stdout.write(f"\n{report.as_json()}\n")
    for part in ("postgres", "redis", "api", "worker"):
        assert report.troubles[f"{part} killed"] >= plan.kills
    if plan is FULL:
        missing = [trouble for trouble in OTHER_TROUBLES if not report.troubles[trouble]]
        assert not missing, f"the storm was too mild: {missing}"
    assert report.account is not None
    assert report.account.statuses.total() >= plan.jobs
    assert report.account.statuses["COMPLETED"] > plan.jobs // 2
