"""One organisation's finished images."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Visibility
from app.core.errors import NotFound
from app.models import Image


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


class ImageRepository:
    """Constructed for one organisation; every statement names it, and row-level security holds it again."""

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
            .where(Image.organization_id == self._organization_id, Image.job_id.in_(job_ids))
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

    async def page(self, user_id: UUID, wanted: ImageFilter, *, before_id: UUID | None, limit: int) -> list[Image]:
        """Newest first. `visibility=organization` is the shared gallery; else the user's own images."""
        query = select(Image).where(Image.organization_id == self._organization_id, *self._conditions(user_id, wanted))
        if before_id is not None:
            query = query.where(Image.id < before_id)
        return list((await self._session.scalars(query.order_by(Image.id.desc()).limit(limit))).all())

    def _conditions(self, user_id: UUID, wanted: ImageFilter) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.visibility is Visibility.ORGANIZATION:
            conditions.append(Image.visibility == Visibility.ORGANIZATION)
        else:
            conditions.append(Image.user_id == user_id)
        if wanted.visibility is Visibility.PRIVATE:
            conditions.append(Image.visibility == Visibility.PRIVATE)
        if wanted.text:
            conditions.append(Image.prompt.icontains(wanted.text, autoescape=True))
        if wanted.model:
            conditions.append(Image.model == wanted.model)
        if wanted.favorite is not None:
            conditions.append(Image.favorite.is_(wanted.favorite))
        if wanted.tag:
            conditions.append(Image.tags.contains([wanted.tag]))
        if wanted.before:
            conditions.append(Image.created_at < wanted.before)
        if wanted.after:
            conditions.append(Image.created_at > wanted.after)
        return conditions

    async def get_visible(self, image_id: UUID, user_id: UUID) -> Image:
        image = await self._session.scalar(
            select(Image).where(
                Image.organization_id == self._organization_id,
                Image.id == image_id,
                or_(Image.user_id == user_id, Image.visibility == Visibility.ORGANIZATION),
            )
        )
        return self._found(image)

    async def get_own_locked(self, image_id: UUID, user_id: UUID) -> Image:
        image = await self._session.scalar(
            select(Image)
            .where(Image.organization_id == self._organization_id, Image.id == image_id, Image.user_id == user_id)
            .with_for_update()
        )
        return self._found(image)

    async def delete(self, image: Image) -> None:
        await self._session.delete(image)

    @staticmethod
    def _found(image: Image | None) -> Image:
        if image is None:
            raise NotFound("There is no such image.", code="image_not_found")
        return image
