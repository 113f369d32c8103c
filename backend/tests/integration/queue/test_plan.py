"""The claim reads a few rows of a few indexes, however long the queue is. Times: `./easel bench claim`."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.repositories.claims import NEXT_OF_BATCH, NEXT_OF_MODEL
from tests.support.queue import QueueBench, explain_claim, fill_queue

ROWS = 100_000


@pytest.mark.timeout(300)
async def test_a_claim_from_a_hundred_thousand_is_a_handful_of_index_probes(
    bench: QueueBench, owner_engine: AsyncEngine
) -> None:
    await fill_queue(owner_engine, ROWS)
    first = await explain_claim(owner_engine, NEXT_OF_MODEL, "plain")
    assert not first.others, first.text
    assert first.indexes >= {"ix_image_jobs_claim", "ix_image_jobs_claim_user", "ix_image_jobs_turn"}, first.text
    assert first.rows_read <= 20, first.text
    # Among one user's jobs (100 here, and `max_queued_per_user` at most) sorting those of one kind may be cheaper.
    another = await explain_claim(owner_engine, NEXT_OF_BATCH, "plain|1")
    assert another.indexes >= {"ix_image_jobs_batch", "ix_image_jobs_batch_user"}, another.text
    assert another.rows_read <= 20 + ROWS // 1000, another.text
