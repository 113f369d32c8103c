"""One organisation's finished images."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    Text,
    Uuid,
    column,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import ImageSort, Visibility
from app.core.errors import NotFound
from app.core.ids import first_id_at
from app.models import Image

CLOCKS_DIFFER = timedelta(hours=1)
"""An id is made by a worker's clock, `created_at` by the database's: so far apart they may be at most."""

LARGEST_PLACE = 2**63 - 1

_MERGED_TAGS = text("""
    (SELECT coalesce(array_agg(tag ORDER BY place), '{}') FROM (
        SELECT tag, min(place) AS place
        FROM unnest(images.tags || CAST(:added AS text[])) WITH ORDINALITY AS each (tag, place)
        WHERE tag <> ALL (CAST(:removed AS text[])) GROUP BY tag
    ) AS merged)
""")


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """None leaves a property open. `after` and `before` bound the time of creation, both exclusive."""

    text: str | None = None
    model: str | None = None
    favorite: bool | None = None
    tag: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    visibility: Visibility | None = None
    collection: UUID | None = None
    sort: ImageSort = ImageSort.NEWEST


@dataclass(frozen=True, slots=True)
class ImageChange:
    """What to change of many images; None and empty leave a property as it is."""

    favorite: bool | None = None
    visibility: Visibility | None = None
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    deleted: bool | None = None


@dataclass(frozen=True, slots=True)
class RemovedImage:
    """The files of a row that is gone."""

    id: UUID
    keys: tuple[str, ...]


class ImageRepository:
    """Constructed for one organisation; every statement names it, and row-level security holds it again.

    A deleted image is there for whoever restores it or removes it for good, and for nobody else.
    """

    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, image: Image) -> None:
        self._session.add(image)

    async def of_jobs(self, job_ids: list[UUID]) -> dict[UUID, list[Image]]:
        """Images by job, in their order."""
        found: dict[UUID, list[Image]] = {job_id: [] for job_id in job_ids}
        if not job_ids:
            return found
        rows = await self._session.scalars(
            select(Image)
            .where(
                Image.organization_id == self._organization_id,
                Image.job_id.in_(job_ids),
                Image.deleted_at.is_(None),
            )
            .order_by(Image.job_id, Image.position)
        )
        for image in rows:
            found[image.job_id].append(image)
        return found

    async def places_of(self, job_ids: Collection[UUID]) -> set[tuple[UUID, int]]:
        """(job, position) of every image that has a row, in whatever state: their files are no litter."""
        rows = await self._session.execute(
            select(Image.job_id, Image.position).where(
                Image.organization_id == self._organization_id, Image.job_id.in_(job_ids)
            )
        )
        return {(row.job_id, row.position) for row in rows}

    async def page(self, wanted: ImageFilter, *, cursor: UUID | None, limit: int) -> list[Image]:
        """In the order asked for, from behind the cursor: the last image's id, or its place in the collection.

        `visibility=organization` is the shared gallery, a collection has what this transaction's person may see of it;
        else it is their own images. Which they are, the database's function `find_images` says (the migration on
        search tells why it has to be one); the rows themselves are read here, under row-level security.
        """
        above = None if wanted.after is None else first_id_at(wanted.after - CLOCKS_DIFFER)
        below = None if wanted.before is None else first_id_at(wanted.before + CLOCKS_DIFFER)
        behind = None
        if cursor is not None:
            match wanted.sort:
                case ImageSort.ARRANGED:
                    behind = min(cursor.int, LARGEST_PLACE)
                case ImageSort.OLDEST:
                    above = max(cursor, above or cursor)
                case ImageSort.NEWEST:
                    below = min(cursor, below or cursor)
        found = (
            func.find_images(
                literal(wanted.text, Text),
                literal(wanted.tag, Text),
                literal(wanted.model, Text),
                literal(wanted.favorite, Boolean),
                literal(wanted.visibility.value if wanted.visibility else None, Text),
                literal(wanted.before, DateTime(timezone=True)),
                literal(wanted.after, DateTime(timezone=True)),
                literal(wanted.collection, Uuid),
                literal(above, Uuid),
                literal(below, Uuid),
                literal(behind, BigInteger),
                literal(wanted.sort.value, Text),
                literal(limit, Integer),
            )
            .table_valued(column("id", Uuid), with_ordinality="number", name="found")
            .render_derived()
        )
        query = (
            select(Image)
            .join(found, Image.id == found.c.id)
            .where(Image.organization_id == self._organization_id)
            .order_by(found.c.number)
        )
        return list((await self._session.scalars(query)).all())

    async def tags_of(self, user_id: UUID, limit: int) -> list[tuple[str, int]]:
        """The tags of the user's images with how many have them, most used first."""
        unnested = func.unnest(Image.tags).table_valued(column("tag", Text), name="each").render_derived()
        tag = unnested.c.tag
        rows = await self._session.execute(
            select(tag, func.count())
            .select_from(Image)
            .join(unnested, true())
            .where(
                Image.organization_id == self._organization_id,
                Image.user_id == user_id,
                Image.deleted_at.is_(None),
                text("images.tags <> '{}'"),  # the words of the index
            )
            .group_by(tag)
            .order_by(func.count().desc(), tag)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in rows]

    async def get_visible(self, image_id: UUID, user_id: UUID) -> Image:
        image = await self._session.scalar(
            select(Image).where(
                Image.organization_id == self._organization_id,
                Image.id == image_id,
                Image.deleted_at.is_(None),
                or_(Image.user_id == user_id, Image.visibility == Visibility.ORGANIZATION),
            )
        )
        return self._found(image)

    async def get_own_locked(self, image_id: UUID, user_id: UUID, *, deleted: bool = False) -> Image:
        """`deleted`: also one that is deleted, for restoring it."""
        query = select(Image).where(
            Image.organization_id == self._organization_id, Image.id == image_id, Image.user_id == user_id
        )
        if not deleted:
            query = query.where(Image.deleted_at.is_(None))
        return self._found(await self._session.scalar(query.with_for_update()))

    async def find_own(self, image_id: UUID, user_id: UUID) -> Image | None:
        return await self._session.scalar(
            select(Image).where(
                Image.organization_id == self._organization_id,
                Image.id == image_id,
                Image.user_id == user_id,
                Image.deleted_at.is_(None),
            )
        )

    async def visible_among(self, image_ids: Collection[UUID], user_id: UUID) -> dict[UUID, Image]:
        rows = await self._session.scalars(
            select(Image).where(
                Image.organization_id == self._organization_id,
                Image.id.in_(image_ids),
                Image.deleted_at.is_(None),
                or_(Image.user_id == user_id, Image.visibility == Visibility.ORGANIZATION),
            )
        )
        return {image.id: image for image in rows}

    async def lock_own(self, image_ids: Collection[UUID], user_id: UUID, *, deleted: bool) -> list[UUID]:
        """Those of the ids that are the user's, locked in one order, so that two of these never wait in a circle."""
        query = select(Image.id).where(
            Image.organization_id == self._organization_id, Image.id.in_(image_ids), Image.user_id == user_id
        )
        if not deleted:
            query = query.where(Image.deleted_at.is_(None))
        return list((await self._session.scalars(query.order_by(Image.id).with_for_update())).all())

    async def change_many(self, image_ids: Collection[UUID], change: ImageChange) -> int:
        """Of locked rows. Returns the largest number of tags that one of them has now."""
        values: dict[str, object] = {}
        if change.favorite is not None:
            values["favorite"] = change.favorite
        if change.visibility is not None:
            values["visibility"] = change.visibility
        if change.add_tags or change.remove_tags:
            values["tags"] = _MERGED_TAGS.bindparams(added=list(change.add_tags), removed=list(change.remove_tags))
        if change.deleted is not None:
            values["deleted_at"] = func.coalesce(Image.deleted_at, func.now()) if change.deleted else None
        rows = await self._session.scalars(
            update(Image)
            .where(Image.organization_id == self._organization_id, Image.id.in_(image_ids))
            .values(**values)
            .returning(func.cardinality(Image.tags))
            .execution_options(synchronize_session=False)
        )
        return max(rows.all(), default=0)

    async def remove_deleted(self, image_ids: Collection[UUID], older_than_seconds: float) -> list[RemovedImage]:
        """For good. One that was restored in between stays."""
        rows = await self._session.execute(
            delete(Image)
            .where(
                Image.organization_id == self._organization_id,
                Image.id.in_(image_ids),
                Image.deleted_at < func.now() - timedelta(seconds=older_than_seconds),
            )
            .returning(Image.id, Image.storage_key, Image.thumbnail_key, Image.medium_key)
        )
        return [
            RemovedImage(row.id, tuple(key for key in (row.storage_key, row.thumbnail_key, row.medium_key) if key))
            for row in rows
        ]

    @staticmethod
    def _found(image: Image | None) -> Image:
        if image is None:
            raise NotFound("There is no such image.", code="image_not_found")
        return image


class TrashRepository:
    """Deleted images of all organisations: which they are, and no more."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def expired(self, older_than_seconds: float, limit: int) -> list[tuple[UUID, UUID]]:
        """(organisation, image) of those deleted so long ago, longest first."""
        rows = await self._session.execute(
            select(Image.organization_id, Image.id)
            .where(Image.deleted_at < func.now() - timedelta(seconds=older_than_seconds))
            .order_by(Image.deleted_at)
            .limit(limit)
        )
        return [(row.organization_id, row.id) for row in rows]
