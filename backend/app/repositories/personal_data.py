"""What one person has in one organisation, table by table, for handing it out to them and for removing it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.enums import Visibility
from app.models import (
    ApiKey,
    Collection,
    CollectionImage,
    Image,
    ImageJob,
    Invitation,
    ModerationDecision,
    ShareLink,
    UserQuotaAccount,
)
from app.repositories.images import RemovedImage
from app.repositories.jobs import OPEN


class PersonalTable(Enum):
    """Tables whose rows belong to a person within an organisation."""

    KEYS = ApiKey
    COLLECTIONS = Collection
    SHARE_LINKS = ShareLink
    DECISIONS = ModerationDecision
    JOBS = ImageJob
    IMAGES = Image


class PersonalDataRepository:
    def __init__(self, session: AsyncSession, organization_id: UUID) -> None:
        self._session = session
        self._organization_id = organization_id

    async def page(self, table: PersonalTable, user_id: UUID, *, after: UUID, limit: int) -> Sequence[Any]:
        """Rows of that table's class, oldest first, from behind `after`. Deleted images are none."""
        model: Any = table.value
        query = select(model).where(
            model.organization_id == self._organization_id, model.user_id == user_id, model.id > after
        )
        if table is PersonalTable.IMAGES:
            query = query.where(Image.deleted_at.is_(None))
        return (await self._session.scalars(query.order_by(model.id).limit(limit))).all()

    async def images_in(self, collection_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        """The ids of the images of each collection, in its order."""
        rows = await self._session.execute(
            select(CollectionImage.collection_id, CollectionImage.image_id)
            .where(
                CollectionImage.organization_id == self._organization_id,
                CollectionImage.collection_id.in_(collection_ids),
            )
            .order_by(CollectionImage.collection_id, CollectionImage.place)
        )
        held: dict[UUID, list[UUID]] = {}
        for collection_id, image_id in rows:
            held.setdefault(collection_id, []).append(image_id)
        return held

    async def months_of_use(self, user_id: UUID) -> Sequence[UserQuotaAccount]:
        rows = await self._session.scalars(
            select(UserQuotaAccount)
            .where(UserQuotaAccount.organization_id == self._organization_id, UserQuotaAccount.user_id == user_id)
            .order_by(UserQuotaAccount.period_start)
        )
        return rows.all()

    async def count_images(self, user_id: UUID) -> int:
        count = await self._session.scalar(
            select(func.count()).where(
                Image.organization_id == self._organization_id, Image.user_id == user_id, Image.deleted_at.is_(None)
            )
        )
        return count or 0

    async def remove_images(self, user_id: UUID, limit: int) -> list[RemovedImage]:
        """For good, deleted ones too, with their places in collections and the links to them. Their files are next."""
        some = (
            select(Image.organization_id, Image.id)
            .where(Image.organization_id == self._organization_id, Image.user_id == user_id)
            .limit(limit)
        )
        rows = await self._session.execute(
            delete(Image)
            .where(tuple_(Image.organization_id, Image.id).in_(some))
            .returning(Image.id, Image.storage_key, Image.thumbnail_key, Image.medium_key)
            .execution_options(synchronize_session=False)
        )
        return [
            RemovedImage(row.id, tuple(key for key in (row.storage_key, row.thumbnail_key, row.medium_key) if key))
            for row in rows
        ]

    async def remove_rows(self, user_id: UUID) -> None:
        """What has no files. Invitations that they took up stay without the address."""
        for table in (ShareLink, Collection, ApiKey, ModerationDecision):
            await self._session.execute(
                delete(table)
                .where(table.organization_id == self._organization_id, table.user_id == user_id)
                .execution_options(synchronize_session=False)
            )
        await self._session.execute(
            update(Invitation)
            .where(Invitation.organization_id == self._organization_id, Invitation.accepted_by == user_id)
            .values(email="")
            .execution_options(synchronize_session=False)
        )

    async def blank_jobs(self, user_id: UUID, limit: int) -> int:
        """Take the words out of jobs that have ended; what they cost stays. How many this changed."""
        some = (
            select(ImageJob.organization_id, ImageJob.id)
            .where(
                ImageJob.organization_id == self._organization_id,
                ImageJob.user_id == user_id,
                ImageJob.status.not_in(OPEN),
                or_(ImageJob.prompt != "", ImageJob.negative_prompt.is_not(None), ImageJob.error_detail.is_not(None)),
            )
            .limit(limit)
        )
        rows = await self._session.scalars(
            update(ImageJob)
            .where(tuple_(ImageJob.organization_id, ImageJob.id).in_(some))
            .values(
                prompt="",
                negative_prompt=None,
                error_detail=None,
                dead_letter=False,
                visibility=Visibility.PRIVATE,
            )
            .returning(ImageJob.id)
            .execution_options(synchronize_session=False)
        )
        return len(rows.all())
