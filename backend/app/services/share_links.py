"""Links by which anybody may look at an image or a collection: made, told once, opened, counted, revoked.

What is told through a link is the pictures and no more: no prompt or seed (the PNG loses its texts), no name, no id
of ours, no address of the storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import AuditAction
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.ids import new_id
from app.core.media_types import PNG, WEBP
from app.core.opaque_ids import OpaqueIds
from app.core.security import Principal, hash_token, new_secret_token
from app.engine.png import without_texts
from app.integrations.storage.protocol import Storage
from app.models import Image, ShareLink
from app.schemas.share_links import (
    NewShareLink,
    SharedImage,
    SharedPage,
    ShareLinkCreated,
    ShareLinkOut,
    ShareLinkPage,
)
from app.services.cursors import decode_cursor, encode_cursor
from app.services.policies import MANAGERS
from app.services.unit_of_work import TenantUnit, UnitsOfWork

MAX_LINKS_PER_USER = 500


@dataclass(frozen=True, slots=True)
class SharedFile:
    content: bytes
    content_type: str


class ShareLinkService:
    def __init__(self, units: UnitsOfWork, storage: Storage, *, public_url: str, secret: bytes) -> None:
        self._units = units
        self._storage = storage
        self._public_url = public_url
        self._secret = secret

    async def create(self, principal: Principal, wanted: NewShareLink) -> ShareLinkCreated:
        """The only time that the link itself is told. Raises `NotFound` for what is not the caller's own."""
        token, now = new_secret_token(), utc_now()
        link = ShareLink(
            organization_id=principal.organization_id,
            id=new_id(),
            user_id=principal.user_id,
            image_id=wanted.image_id,
            collection_id=wanted.collection_id,
            token_hash=hash_token(token),
            created_at=now,
            expires_at=now + timedelta(hours=wanted.expires_in_hours),
            views=0,
        )
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            if wanted.image_id is not None:
                await unit.images.get_own_locked(wanted.image_id, principal.user_id)
            if wanted.collection_id is not None:
                await unit.collections.get_own_locked(wanted.collection_id, principal.user_id)
            if await unit.share_links.count_open(principal.user_id, now) >= MAX_LINKS_PER_USER:
                raise Conflict(f"You have {MAX_LINKS_PER_USER} open links. Revoke some first.", code="too_many_links")
            unit.share_links.add(link)
            maker = await unit.users.get(principal.user_id)
            await unit.tell(AuditAction.SHARE_CREATED, principal, target=f"share:{link.id}", after=_told(link))
        return ShareLinkCreated(
            **_view(link, maker.name).model_dump(), token=token, url=f"{self._public_url}/share/{token}"
        )

    async def page(self, principal: Principal, *, everyones: bool, cursor: str | None, limit: int) -> ShareLinkPage:
        """One's own; all of the organisation for those who manage it."""
        if everyones and principal.role not in MANAGERS:
            raise Forbidden("Only owners and admins see everybody's links.", code="role_not_allowed")
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.share_links.page(
                None if everyones else principal.user_id, utc_now(), before_id=decode_cursor(cursor), limit=limit + 1
            )
        more, found = len(found) > limit, found[:limit]
        return ShareLinkPage(
            items=[_view(link, name) for link, name in found],
            next_cursor=encode_cursor(found[-1][0].id) if more else None,
        )

    async def revoke(self, principal: Principal, link_id: UUID) -> None:
        """One's own, or anybody's for those who manage the organisation. It is dead at once."""
        anybodys = principal.role in MANAGERS
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            link = await unit.share_links.get_locked(link_id, None if anybodys else principal.user_id)
            link.revoked_at = utc_now()
            await unit.tell(AuditAction.SHARE_REVOKED, principal, target=f"share:{link.id}", before=_told(link))

    async def open(self, token: str, *, cursor: str | None, limit: int) -> SharedPage:
        """For whoever has the link. Its first page counts as a view. Raises `NotFound`, whatever the reason."""
        now, token_hash = utc_now(), hash_token(token)
        behind = decode_cursor(cursor)
        async with self._units.tenant(await self._organization_of(token_hash)) as unit:
            link, title = await self._find(unit, token_hash)
            found = await self._images(unit, link, behind=behind.int if behind else None, limit=limit + 1)
            if behind is None:
                await unit.share_links.count_view(link.id, now)
        more, found = len(found) > limit, found[:limit]
        ids = self._ids(link)
        return SharedPage(
            title=title,
            expires_at=link.expires_at,
            items=[self._shown(token, ids.seal(image.id), image) for image, _ in found],
            next_cursor=encode_cursor(UUID(int=found[-1][1])) if more else None,
        )

    async def file(self, token: str, ref: str, *, thumbnail: bool) -> SharedFile:
        """The bytes of one picture. Through us and not by a signed URL, which would outlive the link."""
        token_hash = hash_token(token)
        async with self._units.tenant(await self._organization_of(token_hash)) as unit:
            link, _ = await self._find(unit, token_hash)
            image_id = self._ids(link).find(ref)
            image = None if image_id is None else await self._image(unit, link, image_id)
        if image is None:
            raise _gone()
        if thumbnail:
            return SharedFile(await self._storage.get(image.thumbnail_key), WEBP)
        return SharedFile(without_texts(await self._storage.get(image.storage_key)), PNG)

    async def _organization_of(self, token_hash: bytes) -> UUID:
        async with self._units.identity() as unit:
            organization_id = await unit.credentials.find_organization_of_link(token_hash)
        if organization_id is None:
            raise _gone()
        return organization_id

    @staticmethod
    async def _find(unit: TenantUnit, token_hash: bytes) -> tuple[ShareLink, str | None]:
        found = await unit.share_links.find_open(token_hash, utc_now())
        if found is None:
            raise _gone()
        return found

    @staticmethod
    async def _images(unit: TenantUnit, link: ShareLink, *, behind: int | None, limit: int) -> list[tuple[Image, int]]:
        if link.collection_id is not None:
            return await unit.collections.images_of_owner(link.collection_id, link.user_id, behind=behind, limit=limit)
        assert link.image_id is not None, "a link has one of the two"
        image = await unit.images.find_own(link.image_id, link.user_id)
        return [(image, 1)] if image is not None and behind is None else []

    @staticmethod
    async def _image(unit: TenantUnit, link: ShareLink, image_id: UUID) -> Image | None:
        if link.collection_id is None:
            inside = link.image_id == image_id
        else:
            inside = await unit.collections.find_place(link.collection_id, image_id) is not None
        return await unit.images.find_own(image_id, link.user_id) if inside else None

    def _ids(self, link: ShareLink) -> OpaqueIds:
        return OpaqueIds(self._secret, f"share/{link.id}")

    @staticmethod
    def _shown(token: str, ref: str, image: Image) -> SharedImage:
        address = f"/api/v1/shared/{token}/images/{ref}"
        return SharedImage(
            ref=ref,
            width=image.width,
            height=image.height,
            placeholder=image.placeholder,
            thumbnail_url=f"{address}?thumbnail=true",
            url=address,
        )


def _gone() -> NotFound:
    return NotFound("This link has ended, or never was. Ask whoever sent it for a new one.", code="share_not_found")


def _view(link: ShareLink, user_name: str) -> ShareLinkOut:
    return ShareLinkOut(
        id=link.id,
        image_id=link.image_id,
        collection_id=link.collection_id,
        user_id=link.user_id,
        user_name=user_name,
        created_at=link.created_at,
        expires_at=link.expires_at,
        views=link.views,
        last_viewed_at=link.last_viewed_at,
    )


def _told(link: ShareLink) -> dict[str, str]:
    kind, target = ("image", link.image_id) if link.image_id else ("collection", link.collection_id)
    return {kind: str(target), "expires_at": link.expires_at.isoformat()}
