"""What must be true at the end, whatever was killed in between."""

from __future__ import annotations

import hashlib
import io
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

from PIL import Image

from app.bootstrap.parts import open_parts
from app.services.orphans import OrphanService
from tests.support.real_studio import TERMINAL, Maker, RealStudio


@dataclass(frozen=True)
class Account:
    """How a run ended: jobs by status, and images checked byte by byte."""

    statuses: Counter[str]
    images: int
    files: int
    orphans_swept: int


async def hold_account(studio: RealStudio, makers: list[Maker], *, accepted: int | None = None) -> Account:
    """Asserts: nothing accepted is lost, one terminal state, one set of images that decode, one charge, quota sums to
    the ledger, and after the sweep no file without a row and no row without a file."""
    jobs = {
        str(row.id): row
        for row in await studio.rows("SELECT id, organization_id, status, cost, num_images FROM image_jobs")
    }
    ledger = [job_id for maker in makers for job_id in maker.accepted]
    if accepted is not None:
        assert len(set(ledger)) == accepted
    lost = set(ledger) - jobs.keys()
    assert not lost, f"{len(lost)} accepted jobs are lost"
    assert {row.status for row in jobs.values()} <= set(TERMINAL)
    await _hold_charges(studio, jobs)
    swept = await sweep_files(studio)
    images, files = await _hold_images(studio, jobs)
    return Account(Counter(row.status for row in jobs.values()), images, files, swept)


async def sweep_files(studio: RealStudio) -> int:
    """The sweep that upkeep makes, a day later."""
    async with open_parts(studio.settings) as parts:
        later = OrphanService(parts.units, parts.storage, grace_seconds=1, clock=lambda: time.time() + 86400)
        return await later.sweep()


async def _hold_charges(studio: RealStudio, jobs: dict[str, object]) -> None:
    entries: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in await studio.rows("SELECT job_id, kind, amount FROM ledger_entries"):
        entries[str(row.job_id)].append((row.kind, row.amount))
    charged: Counter[str] = Counter()
    for job_id, job in jobs.items():
        closing = "settle" if job.status == "COMPLETED" else "refund"  # type: ignore[attr-defined]
        wanted = sorted([("reserve", job.cost), (closing, job.cost)])  # type: ignore[attr-defined]
        assert sorted(entries.pop(job_id)) == wanted, f"job {job_id} is not charged once"
        charged[str(job.organization_id)] += job.cost if closing == "settle" else 0  # type: ignore[attr-defined]
    assert not entries, "charges without a job"
    for row in await studio.rows(
        "SELECT organization_id, sum(reserved) AS reserved, sum(charged) AS charged FROM quota_accounts "
        "GROUP BY organization_id UNION ALL "
        "SELECT organization_id, sum(reserved), sum(charged) FROM user_quota_accounts GROUP BY organization_id"
    ):
        assert (row.reserved, row.charged) == (0, charged[str(row.organization_id)]), (
            "the quota is not the ledger's sum"
        )


async def _hold_images(studio: RealStudio, jobs: dict[str, object]) -> tuple[int, int]:
    positions: dict[str, list[int]] = defaultdict(list)
    named: set[str] = set()
    rows = await studio.rows("SELECT job_id, position, storage_key, thumbnail_key, sha256, size_bytes FROM images")
    for row in rows:
        positions[str(row.job_id)].append(row.position)
        content = (studio.bucket / row.storage_key).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row.sha256, "a file is not what its row says"
        Image.open(io.BytesIO(content)).load()
        Image.open(io.BytesIO((studio.bucket / row.thumbnail_key).read_bytes())).load()
        named |= {row.storage_key, row.thumbnail_key}
    for job_id, job in jobs.items():
        wanted = list(range(job.num_images)) if job.status == "COMPLETED" else []  # type: ignore[attr-defined]
        assert sorted(positions.pop(job_id, [])) == wanted, f"job {job_id} has not exactly one set of images"
    assert not positions, "images without a job"
    files = {path.relative_to(studio.bucket).as_posix() for path in studio.bucket.rglob("*") if path.is_file()}
    pictures = {name for name in files if "/images/" in name}
    assert pictures == named, f"{len(pictures - named)} files without a row"
    return len(rows), len(pictures)
