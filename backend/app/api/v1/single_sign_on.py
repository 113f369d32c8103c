"""Single sign-on: to the provider, back from it, and its word that a session is over."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Path, Query, Request, Response, status
from fastapi.responses import RedirectResponse

from app.api.cookies import (
    clear_flow_cookie,
    flow_cookie_name,
    set_device_cookie,
    set_flow_cookie,
    set_session_cookies,
)
from app.api.deps import LanguageDep, LimitedByAddress, OriginDep, Public, ServicesDep, SettingsDep
from app.api.responses import problems
from app.core.config import Settings
from app.core.errors import EaselError, InvalidInput, NotFound
from app.core.logging import get_logger
from app.services.single_sign_on import Answer

log = get_logger(__name__)

router = APIRouter(prefix="/auth/oidc", tags=["auth"])

ProviderName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$", description="As in `/auth/config`.")]
AnswerPart = Annotated[str | None, Query(max_length=4000)]
ELSEWHERE: dict[int | str, dict[str, Any]] = {
    status.HTTP_303_SEE_OTHER: {"description": "On to the next page.", "content": {}}
}


@router.get(
    "/{provider}/login",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses={**ELSEWHERE, **problems(404, 422)},
    dependencies=[Public, LimitedByAddress],
)
async def begin_single_sign_on(
    provider: ProviderName,
    services: ServicesDep,
    settings: SettingsDep,
    next_path: Annotated[str | None, Query(alias="next", max_length=2000, description="A path of this studio.")] = None,
) -> Response:
    """For a browser: off to the provider's page."""
    try:
        departure = await services.single_sign_on.depart(provider, next_path)
    except NotFound:
        raise
    except EaselError as error:
        return _to_sign_in_page(error, settings)
    response = RedirectResponse(departure.url, status.HTTP_303_SEE_OTHER)
    set_flow_cookie(response, provider, departure.flow, settings)
    return response


@router.get(
    "/{provider}/callback",
    status_code=status.HTTP_303_SEE_OTHER,
    response_class=RedirectResponse,
    responses={**ELSEWHERE, **problems(404, 422)},
    dependencies=[Public, LimitedByAddress],
)
async def end_single_sign_on(
    provider: ProviderName,
    request: Request,
    services: ServicesDep,
    settings: SettingsDep,
    origin: OriginDep,
    language: LanguageDep,
    code: AnswerPart = None,
    state: AnswerPart = None,
    iss: AnswerPart = None,
    error: AnswerPart = None,
) -> Response:
    """For a browser: back from the provider's page. What went wrong is told by the sign-in page (`?error=`)."""
    flow = request.cookies.get(flow_cookie_name(provider, settings))
    try:
        arrival = await services.single_sign_on.arrive(
            provider, Answer(code, state, iss, error), flow, origin=origin, language=language
        )
    except NotFound:
        raise
    except EaselError as refusal:
        response = _to_sign_in_page(refusal, settings)
    else:
        response = RedirectResponse(f"{settings.public_url}{arrival.next_path}", status.HTTP_303_SEE_OTHER)
        set_session_cookies(response, arrival.signed_in, settings)
        email = arrival.signed_in.user.email or ""
        set_device_cookie(response, services.accounts.device_token(email, None), settings)
    clear_flow_cookie(response, provider, settings)
    return response


@router.post(
    "/{provider}/backchannel-logout",
    responses=problems(400, 404, 422),
    dependencies=[Public, LimitedByAddress],
)
async def log_out_by_provider(
    provider: ProviderName,
    logout_token: Annotated[str, Form(min_length=1, max_length=40_000)],
    services: ServicesDep,
    origin: OriginDep,
) -> None:
    """For the provider: somebody has signed out there (OpenID Connect Back-Channel Logout)."""
    try:
        await services.single_sign_on.end_by_provider(provider, logout_token, origin=origin)
    except InvalidInput as error:  # the standard wants 400, not 422
        raise HTTPException(status.HTTP_400_BAD_REQUEST, error.detail) from error


def _to_sign_in_page(error: EaselError, settings: Settings) -> Response:
    log.info("single_sign_on_failed", code=error.code)
    query = urlencode({"error": error.code})
    return RedirectResponse(f"{settings.public_url}/login?{query}", status.HTTP_303_SEE_OTHER)
