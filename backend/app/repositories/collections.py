"""One organisation's collections."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.enums import Visibility
from app.core.errors import NotFound
from app.models import Collection, CollectionImage, Image

_ADD = text("""
    INSERT INTO collection_images (organization_id, collection_id, image_id, place)
    SELECT image.organization_id, :collection_id, image.id,
        (SELECT coalesce(max(place), 0) FROM collection_images
            WHERE organization_id = :organization_id AND collection_id = :collection_id)
        + row_number() OVER (ORDER BY array_position(CAST(:image_ids AS uuid[]), image.id))
    FROM images AS image
    WHERE image.organization_id = :organization_id AND image.id = ANY (CAST(:image_ids AS uuid[]))
        AND image.deleted_at IS NULL AND (image.user_id = :user_id OR image.visibility = 'organization')
    ON CONFLICT DO NOTHING
    RETURNING image_id
""")

# The moved ones stand together, in the order given, where the first of the rest says; the others keep their order.
_ARRANGE = text("""
    UPDATE collection_images AS member SET place = arranged.place FROM (
        SELECT image_id, row_number() OVER (
            ORDER BY CASE WHEN moved IS NULL THEN place ELSE CAST(:before AS bigint) END, (moved IS NULL), moved, place
        ) AS place
        FROM (
            SELECT image_id, place, array_position(CAST(:image_ids AS uuid[]), image_id) AS moved
            FROM collection_images WHERE organization_id = :organization_id AND collection_id = :collection_id
        ) AS members
    ) AS arranged
    WHERE member.organization_id = :organization_id AND member.collection_id = :collection_id
        AND member.image_id = arranged.image_id AND member.place <> arranged.place
""")


@dataclass(frozen=True, slots=True)
class ListedCollection:
    """`image_count` and `cover` are of what the asking person may see."""

    collection: Collection
    image_count: int
    cover: Image | None


class CollectionRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    def add(self, collection: Collection) -> None:
        self._session.add(collection)

    async def count_of(self, user_id: UUID) -> int:
        count = await self._session.scalar(
            select(func.count()).where(
                Collection.organization_id == self._organization_id, Collection.user_id == user_id
            )
        )
        return count or 0

    async def page(self, user_id: UUID, *, before_id: UUID | None, limit: int) -> list[ListedCollection]:
        """The user's own and those that the organisation shares, newest first."""
        query = self._listed(user_id).order_by(Collection.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(Collection.id < before_id)
        return [ListedCollection(*row) for row in (await self._session.execute(query)).all()]

    async def get_visible(self, collection_id: UUID, user_id: UUID) -> ListedCollection:
        row = (await self._session.execute(self._listed(user_id).where(Collection.id == collection_id))).one_or_none()
        if row is None:
            raise _not_found()
        return ListedCollection(*row)

    async def get_own_locked(self, collection_id: UUID, user_id: UUID) -> Collection:
        """Its lock also guards the places of its images."""
        collection = await self._session.scalar(
            select(Collection)
            .where(
                Collection.organization_id == self._organization_id,
                Collection.id == collection_id,
                Collection.user_id == user_id,
            )
            .with_for_update()
        )
        if collection is None:
            raise _not_found()
        return collection

    async def delete(self, collection: Collection) -> None:
        await self._session.delete(collection)

    async def size(self, collection_id: UUID) -> int:
        count = await self._session.scalar(select(func.count()).where(self._in(collection_id)))
        return count or 0

    async def add_images(self, collection_id: UUID, image_ids: Sequence[UUID], user_id: UUID) -> list[UUID]:
        """At the end, in the order given; those that the user may not see are left out. Returns the new ones."""
        rows = await self._session.scalars(
            _ADD,
            {
                "organization_id": self._organization_id,
                "collection_id": collection_id,
                "image_ids": list(image_ids),
                "user_id": user_id,
            },
        )
        return list(rows.all())

    async def remove_images(self, collection_id: UUID, image_ids: Ids[UUID]) -> list[UUID]:
        rows = await self._session.scalars(
            delete(CollectionImage)
            .where(self._in(collection_id), CollectionImage.image_id.in_(image_ids))
            .returning(CollectionImage.image_id)
        )
        return list(rows.all())

    async def find_place(self, collection_id: UUID, image_id: UUID) -> int | None:
        return await self._session.scalar(
            select(CollectionImage.place).where(self._in(collection_id), CollectionImage.image_id == image_id)
        )

    async def arrange(self, collection_id: UUID, image_ids: Sequence[UUID], *, before_place: int | None) -> None:
        """Move images in front of whatever has that place; None: to the end."""
        await self._session.execute(
            _ARRANGE,
            {
                "organization_id": self._organization_id,
                "collection_id": collection_id,
                "image_ids": list(image_ids),
                "before": before_place if before_place is not None else 2**62,
            },
        )

    async def images_of_owner(
        self, collection_id: UUID, user_id: UUID, *, behind: int | None, limit: int
    ) -> list[tuple[Image, int]]:
        """That user's own images in it with their places, as arranged."""
        query = (
            select(Image, CollectionImage.place)
            .join(CollectionImage, _same_image())
            .where(self._in(collection_id), Image.user_id == user_id, Image.deleted_at.is_(None))
            .order_by(CollectionImage.place)
            .limit(limit)
        )
        if behind is not None:
            query = query.where(CollectionImage.place > behind)
        return [(row[0], row[1]) for row in (await self._session.execute(query)).all()]

    def _in(self, collection_id: UUID) -> ColumnElement[bool]:
        return and_(
            CollectionImage.organization_id == self._organization_id, CollectionImage.collection_id == collection_id
        )

    def _listed(self, user_id: UUID) -> Select[Collection, int, Image]:
        visible = (
            CollectionImage.organization_id == Collection.organization_id,
            CollectionImage.collection_id == Collection.id,
            Image.deleted_at.is_(None),
            or_(Image.user_id == user_id, Image.visibility == Visibility.ORGANIZATION),
        )
        count = (
            select(func.count())
            .select_from(CollectionImage)
            .join(Image, _same_image())
            .where(*visible)
            .correlate(Collection)
            .scalar_subquery()
        )
        first = (
            select(Image)
            .join(CollectionImage, _same_image())
            .where(*visible)
            .order_by(case((Image.id == Collection.cover_image_id, 0), else_=1), CollectionImage.place)
            .limit(1)
            .correlate(Collection)
            .lateral()
        )
        cover = aliased(Image, first)
        return (
            select(Collection, count, cover)
            .outerjoin(cover, true())
            .where(
                Collection.organization_id == self._organization_id,
                or_(Collection.user_id == user_id, Collection.visibility == Visibility.ORGANIZATION),
            )
        )


def _same_image() -> ColumnElement[bool]:
    return and_(Image.organization_id == CollectionImage.organization_id, Image.id == CollectionImage.image_id)


def _not_found() -> NotFound:
    return NotFound("There is no such collection.", code="collection_not_found")
