"""A real studio's gallery, filled with as many pictures as a case wants to see a browser cope with."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from PIL import Image

from app.core.ids import new_id
from app.db.session import make_engine
from app.engine.imaging import encode
from app.integrations.storage.local import LocalStorage

FILES = 200
# As many as the default model makes at once.
PICTURES_OF_A_JOB = 4
SHAPES = ((128, 128), (128, 96), (96, 128), (160, 96))
COLUMNS = (
    *("organization_id", "id", "job_id", "user_id", "position", "visibility", "storage_key", "thumbnail_key"),
    *("sha256", "size_bytes", "width", "height", "seed", "placeholder", "prompt", "model", "steps", "guidance"),
)
ACCOUNT = {"email": "bench@example.com", "password": "a wall full of pictures", "name": "Bench"}


def make_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="easel-bench-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    return home


def register(url: str) -> dict[str, UUID]:
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
        user = http.post("/api/v1/auth/register", json=ACCOUNT).raise_for_status().json()
        me = http.get("/api/v1/users/me").raise_for_status().json()
    return {"user": UUID(user["id"]), "organization": UUID(me["organization"]["id"])}


async def fill(home: Path, person: dict[str, UUID], images: int) -> None:
    """Rows for all, files for some of them: each file is shown by many rows."""
    state = json.loads((home / "run" / "studio.json").read_text())
    storage = LocalStorage(Path(state["storage_url"].removeprefix("file://")), secret=b"only links are signed with it")
    files = [await store(storage, person, number) for number in range(FILES)]
    engine = make_engine(state["database_url"], pool_size=1)
    try:
        async with engine.connect() as connection:
            await insert((await connection.get_raw_connection()).driver_connection, person, files, images)
    finally:
        await engine.dispose()


async def store(storage: LocalStorage, person: dict[str, UUID], number: int) -> dict[str, Any]:
    width, height = SHAPES[number % len(SHAPES)]
    across = Image.linear_gradient("L").resize((width, height))
    down = across.rotate(number * 9)
    picture = Image.merge("RGB", (across, down, Image.new("L", (width, height), number)))
    encoded = encode(picture, "")
    stem = f"{person['organization']}/images/{UUID(int=number)}/0"
    file = await storage.put(f"{stem}.png", encoded.png, content_type="image/png")
    thumbnail = await storage.put(f"{stem}.thumbnail.webp", encoded.thumbnail, content_type="image/webp")
    return {"encoded": encoded, "file": file, "thumbnail": thumbnail}


async def insert(connection: Any, person: dict[str, UUID], files: list[dict[str, Any]], images: int) -> None:
    jobs = [new_id() for _ in range(0, images, PICTURES_OF_A_JOB)]
    await connection.execute(
        """
        INSERT INTO image_jobs (organization_id, id, user_id, status, visibility, prompt, model, width, height, steps,
            guidance, seed, num_images, cost, batch_key, organization_start, user_start, deadline_at, finished_at,
            trace_id)
        SELECT $1, job, $2, 'COMPLETED', 'private', 'many', 'bench', 64, 64, 1, 3, 7, $4, 4096, 'bench', 0, 0, now(),
            now(), repeat('0', 32)
        FROM unnest($3::uuid[]) AS job
        """,
        person["organization"],
        person["user"],
        jobs,
        PICTURES_OF_A_JOB,
    )
    await connection.copy_records_to_table("images", columns=COLUMNS, records=records(person, jobs, files, images))


def records(
    person: dict[str, UUID], jobs: list[UUID], files: list[dict[str, Any]], images: int
) -> Iterator[tuple[Any, ...]]:
    for number in range(images):
        each = files[number % len(files)]
        encoded, file = each["encoded"], each["file"]
        job, position = divmod(number, PICTURES_OF_A_JOB)
        yield (
            *(
                person["organization"],
                new_id(),
                jobs[job],
                person["user"],
                position,
                "private",
                file.key,
                each["thumbnail"].key,
            ),
            *(file.sha256, file.size, encoded.width, encoded.height, number, encoded.placeholder),
            *(f"picture number {number}", "bench", 1, 3.0),
        )
