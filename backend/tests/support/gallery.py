"""Many images straight into the table, for plans and times: no files behind them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.ids import first_id_at

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
WORDS = 20_000
TAGS = ("keep", "print", "mood", "draft", "client")
START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FilledGallery:
    """`words` from the most frequent to the rarest; about half of the images are `owner`'s."""

    organization_id: UUID
    owner: UUID
    words: list[str]


async def fill_gallery(owner: AsyncEngine, size: int, *, seed: int = 1) -> FilledGallery:
    """`size` images of ten organisations, the first with half of them; prompts of eight words by Zipf's law."""
    rng = random.Random(seed)
    words = _vocabulary(rng)
    organizations = [UUID(int=rng.getrandbits(128)) for _ in range(10)]
    async with owner.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        # Between two batches the server waits for us to make the next one, on a busy machine for longer than it would.
        await connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        await connection.execute(text("TRUNCATE organizations, users CASCADE"))
        await connection.execute(
            text("INSERT INTO organizations (id, name) VALUES (:id, 'o')"), [{"id": each} for each in organizations]
        )
        await connection.execute(
            text("INSERT INTO users (id, name) VALUES (:id, 'u')"), [{"id": each} for each in organizations]
        )
        await connection.execute(
            text(
                """
                INSERT INTO image_jobs (organization_id, id, user_id, status, visibility, prompt, model, width, height,
                    steps, guidance, seed, num_images, cost, batch_key, organization_start, user_start, deadline_at,
                    finished_at, trace_id)
                VALUES (:id, :id, :id, 'COMPLETED', 'private', '', 'plain', 64, 64, 1, 3.0, 7, 1, 4096, 'plain', 0, 0,
                    now(), now(), repeat('0', 32))
                """
            ),
            [{"id": each} for each in organizations],
        )
        await connection.exec_driver_sql("DROP INDEX ix_images_search")  # making it at the end is many times faster
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        rows = _rows(rng, size, organizations, words)
        while batch := list(itertools.islice(rows, 10_000)):
            await raw.copy_records_to_table("images", records=batch, columns=COLUMNS, timeout=600)
        await connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        await raw.execute(
            "CREATE INDEX ix_images_search ON images USING gin (search) WHERE deleted_at IS NULL", timeout=1200
        )
    async with owner.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute("SET statement_timeout = 0")
        await raw.execute("VACUUM ANALYZE images", timeout=1200)
        await raw.execute("VACUUM ANALYZE image_words", timeout=1200)
        await raw.execute("RESET statement_timeout")
    return FilledGallery(organizations[0], organizations[0], words)


COLUMNS = (
    *("organization_id", "id", "job_id", "user_id", "position", "visibility", "storage_key", "thumbnail_key", "sha256"),
    *("size_bytes", "width", "height", "seed", "placeholder", "prompt", "model", "steps", "guidance", "favorite"),
    *("tags", "created_at"),
)


def _rows(rng: random.Random, size: int, organizations: list[UUID], words: list[str]) -> Iterator[tuple[Any, ...]]:
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for number in range(size):
        organization = organizations[0] if number % 2 else organizations[1 + number // 2 % 9]
        made = START + timedelta(seconds=number)
        identifier = UUID(int=first_id_at(made).int | 7 << 76 | 2 << 62 | rng.getrandbits(62))
        visibility = "organization" if number % 10 < 2 else "private"
        tags = [rng.choice(TAGS)] if number % 20 == 1 else []
        prompt = " ".join(rng.choices(words, cum_weights=weights, k=8))
        key = f"{organization}/images/{organization}/{number}"
        yield (
            *(organization, identifier, organization, organization, number, visibility),
            *(f"{key}.png", f"{key}.thumbnail.webp", "0" * 64, 10_000, 64, 64, number, "1QcSHQRnh493V4dIh4eXh1h4kJUI"),
            *(prompt, "plain", 4, 3.0, number % 50 < 2, tags, made),
        )


def _vocabulary(rng: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < WORDS:
        found["".join(rng.choices(SYLLABLES, k=rng.choice((2, 3, 3, 4))))] = None
    return list(found)
