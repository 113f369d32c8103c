"""Reading the audit log. Who does something writes it himself, in his own transaction (`unit.tell`)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.core.security import Principal
from app.models import AuditEvent
from app.repositories.audit import AuditFilter
from app.schemas.audit import AuditEventOut, AuditPage
from app.services.cursors import decode_cursor, encode_cursor
from app.services.unit_of_work import UnitsOfWork

__all__ = ["AuditFilter", "AuditService"]

EXPORT_BATCH = 500


class AuditService:
    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    async def page(self, principal: Principal, wanted: AuditFilter, *, cursor: str | None, limit: int) -> AuditPage:
        """The organisation's events, newest first."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            rows = await unit.audit.page(
                principal.organization_id, wanted, before_id=decode_cursor(cursor), limit=limit + 1
            )
        more, rows = len(rows) > limit, rows[:limit]
        return AuditPage(
            items=[view_event(event, name) for event, name in rows],
            next_cursor=encode_cursor(rows[-1][0].id) if more else None,
        )

    async def export(self, principal: Principal, wanted: AuditFilter) -> AsyncIterator[AuditEventOut]:
        """All of them, newest first, a batch a transaction."""
        last = None
        while True:
            async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
                rows = await unit.audit.page(principal.organization_id, wanted, before_id=last, limit=EXPORT_BATCH)
            for event, name in rows:
                yield view_event(event, name)
            if len(rows) < EXPORT_BATCH:
                return
            last = rows[-1][0].id


def view_event(event: AuditEvent, name: str | None) -> AuditEventOut:
    return AuditEventOut(
        id=event.id,
        at=event.at,
        action=event.action,
        actor_id=event.actor_id,
        actor_name=name,
        actor_key_id=event.actor_key_id,
        target=event.target,
        address=event.address,
        user_agent=event.user_agent,
        trace_id=event.trace_id,
        before=event.before,
        after=event.after,
    )
