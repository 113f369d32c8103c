"""For whoever runs the studio: alive, ready, metrics."""

from __future__ import annotations

import ipaddress
import secrets

from fastapi import APIRouter, Request, Response, status
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import __version__
from app.api.deps import Public, ServicesDep, SettingsDep
from app.api.responses import problems
from app.core.errors import Unauthenticated, Unavailable
from app.core.logging import get_logger
from app.schemas.health import Health, Readiness

router = APIRouter(tags=["operations"], dependencies=[Public])
log = get_logger(__name__)


@router.get("/healthz")
async def healthz() -> Health:
    """The process lives. Asks nothing of its parts."""
    return Health(version=__version__)


@router.get(
    "/readyz", responses={503: {"model": Readiness, "description": "A part does not answer; `checks` says which."}}
)
async def readyz(response: Response, services: ServicesDep) -> Readiness:
    """Database, migrations, Redis and storage answer."""
    readiness = await services.health.readiness()
    if readiness.status != "ready":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return readiness


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus text.", "content": {"text/plain": {}}}, **problems(401)},
)
async def metrics(request: Request, services: ServicesDep, settings: SettingsDep) -> Response:
    """Prometheus metrics of this process and of the queue. Without a token they are for this machine alone."""
    if settings.metrics_token is not None:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}"
        if not secrets.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
            raise Unauthenticated("The metrics want the bearer token of EASEL_METRICS_TOKEN.")
    elif not _is_here(request):
        raise Unauthenticated("The metrics are told to this machine alone, unless EASEL_METRICS_TOKEN is set.")
    try:
        await services.queue.measure()
    except Unavailable:
        log.warning("queue_not_measured")
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_here(request: Request) -> bool:
    """By the address that the proxy in front says, if there is one."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
