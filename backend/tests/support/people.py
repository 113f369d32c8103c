"""Members with any role, and their tokens, without the way through registering and inviting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.clock import utc_now
from app.core.enums import Role, Scope
from app.core.ids import new_id
from app.core.security import AccessTokens, Principal
from app.models import Membership, Organization, Session, User
from tests.support.studio import PASSWORD, Browser, Studio

ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True)
class Member:
    user_id: UUID
    organization_id: UUID
    role: Role


async def make_organization(studio: Studio, name: str) -> Member:
    """A new organisation and its owner."""
    organization_id = new_id()
    async with studio.parts.units.tenant(organization_id) as unit:
        unit._session.add(Organization(id=organization_id, name=name))
        await unit.flush()
    return await make_member(studio, organization_id, Role.OWNER)


async def make_member(studio: Studio, organization_id: UUID, role: Role) -> Member:
    user = User(id=new_id(), name=role.value, claimed_at=utc_now())
    user.email = f"{role.value}-{user.id}@example.com"
    async with studio.parts.units.tenant(organization_id) as unit:
        unit.users.add(user)
        await unit.flush()
        unit._session.add(Membership(organization_id=organization_id, user_id=user.id, role=role))
    return Member(user.id, organization_id, role)


async def bearer_of(studio: Studio, member: Member, scopes: frozenset[Scope] = ALL_SCOPES) -> dict[str, str]:
    """The header of a new session of theirs. The token says more than the role allows: the service has to narrow it."""
    session = Session(
        id=new_id(),
        user_id=member.user_id,
        organization_id=member.organization_id,
        expires_at=utc_now() + timedelta(days=1),
    )
    async with studio.parts.units.identity(member.user_id) as unit:
        unit.sessions.add(session)
    principal = Principal(
        user_id=member.user_id,
        organization_id=member.organization_id,
        role=member.role,
        scopes=scopes,
        session_id=session.id,
    )
    return {"Authorization": f"Bearer {access_tokens_of(studio).issue(principal)}"}


def access_tokens_of(studio: Studio) -> AccessTokens:
    return studio.services.sessions._access_tokens


async def invite(inviter: Browser, name: str, role: str = "member", **body: object) -> dict[str, str]:
    """An invitation as its inviter sees it, token and all."""
    wanted = {"email": f"{name}@example.com", "role": role, **body}
    answer = await inviter.post("/api/v1/invitations", json=wanted)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def join(studio: Studio, inviter: Browser, name: str, role: str = "member") -> Browser:
    """Somebody new, who registers with an invitation."""
    http, token = await studio.http(), (await invite(inviter, name, role))["token"]
    body = {"email": f"{name}@example.com", "password": PASSWORD, "name": name.capitalize(), "invitation": token}
    answer = await http.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return Browser(http, answer.json())
