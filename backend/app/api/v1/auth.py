"""Sessions: register, sign in, refresh, sign out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.security import OAuth2PasswordRequestForm

from app.api.cookies import CookieNames, clear_session_cookies, set_device_cookie, set_session_cookies
from app.api.deps import (
    AnyPrincipal,
    LanguageDep,
    LimitedByAddress,
    OriginDep,
    Public,
    SameOrigin,
    ServicesDep,
    SettingsDep,
)
from app.api.responses import problems
from app.core.enums import Scope
from app.core.errors import InvalidInput, Unauthenticated
from app.schemas.auth import AuthConfig, JwkSet, LoginRequest, LoginResponse, RegisterRequest, TokenResponse, UserOut
from app.schemas.second_factors import SecondStep
from app.services.sessions import SignIn

router = APIRouter(prefix="/auth", tags=["auth"])
FROM_OUR_PAGES = [Public, LimitedByAddress, SameOrigin]


@router.get("/config", dependencies=[Public])
async def get_auth_config(services: ServicesDep) -> AuthConfig:
    """What the sign-in page needs to know: whether this is the first run, and who may register."""
    return await services.accounts.config()


@router.get("/jwks", dependencies=[Public])
async def get_signing_keys(response: Response, services: ServicesDep) -> JwkSet:
    """The public keys of access tokens, for whoever wants to check one: the last, the current and the next."""
    response.headers["Cache-Control"] = "public, max-age=3600"
    return services.sessions.published_keys()


@router.post(
    "/register",
    status_code=status.HTTP_201_CREATED,
    responses=problems(403, 404, 409, 422),
    dependencies=FROM_OUR_PAGES,
)
async def register(
    body: RegisterRequest,
    response: Response,
    services: ServicesDep,
    settings: SettingsDep,
    origin: OriginDep,
    language: LanguageDep,
) -> UserOut:
    """Make an account and sign it in. The first one becomes the owner of the first organisation."""
    signed_in = await services.accounts.register(body, origin=origin, language=language)
    set_session_cookies(response, signed_in, settings)
    set_device_cookie(response, services.accounts.device_token(body.email, None), settings)
    return signed_in.user


@router.post("/login", responses=problems(401, 403, 404, 422), dependencies=FROM_OUR_PAGES)
async def login(
    body: LoginRequest,
    request: Request,
    response: Response,
    services: ServicesDep,
    settings: SettingsDep,
    origin: OriginDep,
) -> LoginResponse:
    """Sign in. The cookies are for browsers, the access token in the body for programs.

    With a second factor the answer is a 401 of code `second_factor_required`; its `second_factor.token` goes with a
    code to `/auth/login/second-factor`.
    """
    device_token = request.cookies.get(CookieNames.for_settings(settings).device)
    signed_in = await services.accounts.sign_in(
        body.email, body.password, origin=origin, device_token=device_token, invitation=body.invitation
    )
    set_session_cookies(response, signed_in, settings)
    set_device_cookie(response, services.accounts.device_token(body.email, device_token), settings)
    return login_response(signed_in)


@router.post("/login/second-factor", responses=problems(401, 403, 422), dependencies=FROM_OUR_PAGES)
async def login_second_step(
    body: SecondStep,
    request: Request,
    response: Response,
    services: ServicesDep,
    settings: SettingsDep,
    origin: OriginDep,
) -> LoginResponse:
    """The second step, when the first one answered `second_factor_required`: its token and a code."""
    signed_in = await services.second_factors.sign_in(body.token, body.code, origin=origin)
    set_session_cookies(response, signed_in, settings)
    known = request.cookies.get(CookieNames.for_settings(settings).device)
    email = signed_in.user.email or ""
    set_device_cookie(response, services.accounts.device_token(email, known), settings)
    return login_response(signed_in)


@router.post("/token", responses=problems(401, 403, 422), dependencies=[Public, LimitedByAddress])
async def create_token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], services: ServicesDep, origin: OriginDep
) -> TokenResponse:
    """OAuth2 password form, for the docs page and scripts. `scope` narrows what the token may do. Sets no cookie."""
    signed_in = await services.accounts.sign_in(
        form.username, form.password, origin=origin, scopes=_scopes(form.scopes), for_token_only=True
    )
    return TokenResponse(
        access_token=signed_in.access_token,
        expires_in=signed_in.expires_in,
        scope=" ".join(sorted(signed_in.principal.scopes)),
    )


@router.post("/refresh", responses=problems(401, 403), dependencies=FROM_OUR_PAGES)
async def refresh(
    request: Request, response: Response, services: ServicesDep, settings: SettingsDep, origin: OriginDep
) -> LoginResponse:
    """Trade the refresh cookie for a new pair. A refresh token used twice ends the whole session."""
    token = request.cookies.get(CookieNames.for_settings(settings).refresh)
    if token is None:
        raise Unauthenticated("There is no session to refresh. Sign in.", code="session_ended")
    signed_in = await services.sessions.refresh(token, origin)
    set_session_cookies(response, signed_in, settings)
    return login_response(signed_in)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT, responses=problems(401, 403))
async def logout(
    principal: AnyPrincipal,
    response: Response,
    services: ServicesDep,
    settings: SettingsDep,
    everywhere: Annotated[bool, Query(alias="all", description="End every session of this user.")] = False,
) -> None:
    if everywhere:
        await services.sessions.end_all(principal, because="signed_out_everywhere")
    else:
        await services.sessions.end(principal, principal.in_session, because="signed_out")
    clear_session_cookies(response, settings)


def login_response(signed_in: SignIn) -> LoginResponse:
    return LoginResponse(access_token=signed_in.access_token, expires_in=signed_in.expires_in, user=signed_in.user)


def _scopes(words: list[str]) -> frozenset[Scope] | None:
    if not words:
        return None
    try:
        return frozenset(Scope(word) for word in words)
    except ValueError as error:
        known = " ".join(scope.value for scope in Scope)
        raise InvalidInput.for_field("/scope", "unknown_scope", f"There is no such scope. Known: {known}.") from error
