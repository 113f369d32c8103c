"""For those who manage an organisation: what waits and for whom, and which workers are there."""

from __future__ import annotations

from app.core.security import Principal
from app.integrations.workers import WorkerBoard
from app.schemas.oversight import OpenWorkOut, QueueOut, WorkerList, WorkerOut
from app.services.quotas import to_units
from app.services.unit_of_work import UnitsOfWork


class OversightService:
    def __init__(self, units: UnitsOfWork, board: WorkerBoard) -> None:
        self._units = units
        self._board = board

    async def queue(self, principal: Principal) -> QueueOut:
        """The organisation's own; how much others wait for is not told."""
        async with self._units.tenant(principal.organization_id, principal.user_id) as unit:
            found = await unit.oversight.open_work()
        return QueueOut(
            items=[
                OpenWorkOut(
                    model=each.model,
                    user_id=each.user_id,
                    user_name=each.user_name,
                    waiting=each.waiting,
                    running=each.running,
                    cost=to_units(each.cost),
                    oldest_seconds=each.oldest_seconds,
                )
                for each in found
            ]
        )

    async def workers(self) -> WorkerList:
        """All of the studio: they work for every organisation. None is told while Redis is away."""
        cards = sorted(await self._board.cards(), key=lambda card: card.name)
        return WorkerList(
            items=[
                WorkerOut(
                    name=card.name, device=card.device, state=card.state, loaded_models=sorted(card.loaded_models)
                )
                for card in cards
            ]
        )
