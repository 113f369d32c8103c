"""What routes ask for, as `Annotated` aliases."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param

from app.api.cookies import CookieNames
from app.api.headers import find_header
from app.core.config import Settings
from app.core.enums import Language, Scope
from app.core.errors import Forbidden, RateLimited, Unauthenticated
from app.core.security import Origin, Principal
from app.services.container import Services
from app.services.limits import Spent
from app.services.policies import require_allowed
from app.utils.languages import preferred

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CSRF_HEADER = "X-CSRF-Token"
MAX_USER_AGENT = 300

# Both only describe the API: the credentials are read by `authorize`, which also knows the cookie.
_oauth2 = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token", auto_error=False, scopes={scope.value: scope.value for scope in Scope}
)
_bearer = HTTPBearer(auto_error=False, description="An access token or an API key.")


# What FastAPI calls is a coroutine function even where nothing waits: plain functions go through a thread each.


async def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def get_trace_id(request: Request) -> str:
    return trace_id_of(request)


async def get_origin(request: Request) -> Origin:
    return origin_of(request)


def trace_id_of(request: Request) -> str:
    trace_id: str = request.state.trace_id
    return trace_id


def origin_of(request: Request) -> Origin:
    """Where the request comes from. The server believes forwarded addresses only of the proxy in front of it."""
    return Origin(
        address=request.client.host if request.client else None,
        user_agent=(find_header(request.scope, b"user-agent") or "")[:MAX_USER_AGENT] or None,
        trace_id=trace_id_of(request),
    )


async def get_language(request: Request) -> Language:
    """The one of ours that the browser likes best: for letters to people who have not said which."""
    return Language(preferred(request.headers.get("Accept-Language"), [each.value for each in Language]))


ServicesDep = Annotated[Services, Depends(get_services)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
TraceId = Annotated[str, Depends(get_trace_id)]
OriginDep = Annotated[Origin, Depends(get_origin)]
LanguageDep = Annotated[Language, Depends(get_language)]


async def authorize(
    request: Request,
    services: ServicesDep,
    settings: SettingsDep,
    _oauth2_token: Annotated[str | None, Depends(_oauth2)] = None,
    _bearer_token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Principal:
    """Who calls, if the table in `services/policies.py` allows the operation. The one guard of every route.

    By bearer token, else by cookie. A cookie alone changes nothing: see CSRF_HEADER.
    """
    principal = await _identify(request, services, settings)
    request.state.identified = True  # the gate counts this credential by itself from now on
    _hold_to_limits(request, await services.limits.spend(principal))
    require_allowed(request.scope["route"].name, principal)
    return principal


async def _identify(request: Request, services: Services, settings: Settings) -> Principal:
    scheme, token = get_authorization_scheme_param(find_header(request.scope, b"authorization"))
    if scheme.lower() == "bearer":
        return await services.callers.identify(token, origin_of(request))
    cookie = request.cookies.get(CookieNames.for_settings(settings).access)
    if cookie is None:
        raise Unauthenticated("Sign in first, or send an access token as “Authorization: Bearer …”.")
    principal = await services.sessions.authenticate(cookie, origin_of(request))
    if request.method in UNSAFE_METHODS:
        refuse_foreign_origin(request, settings)
        if not services.sessions.csrf_matches(request.headers.get(CSRF_HEADER), principal):
            raise Forbidden(
                f"The {CSRF_HEADER} header is missing or does not belong to this session. Reload the page.",
                code="csrf_failed",
            )
    return principal


async def limit_address(request: Request, services: ServicesDep) -> None:
    """For routes that do something for whoever has not signed in yet."""
    _hold_to_limits(request, await services.limits.spend_unknown(origin_of(request)))


def _hold_to_limits(request: Request, spent: dict[str, Spent]) -> None:
    """The figures go into the headers of the answer, whatever it will be (see `api/middleware.py`)."""
    request.state.spent = spent
    for each in spent.values():
        if each.refused:
            raise RateLimited(
                f"You ask more than {each.limit} times a minute. Wait {each.retry_after} s.", each.retry_after
            )


async def open_to_all() -> None:
    """The declaration of a route that needs no sign-in."""


async def require_same_origin(request: Request, settings: SettingsDep) -> None:
    refuse_foreign_origin(request, settings)


def refuse_foreign_origin(request: Request, settings: Settings) -> None:
    """A browser says where a request comes from; another site's pages may not act here."""
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin not in settings.allowed_origins
    if foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forbidden("This request comes from another site, and is refused.", code="foreign_origin")


SameOrigin = Depends(require_same_origin)
Public = Depends(open_to_all)
LimitedByAddress = Depends(limit_address)


# What a route needs, as the OpenAPI document shows it. The table holds the same scope, and the role beside it.
AnyPrincipal = Annotated[Principal, Depends(authorize)]
JobsReader = Annotated[Principal, Security(authorize, scopes=[Scope.JOBS_READ])]
JobsWriter = Annotated[Principal, Security(authorize, scopes=[Scope.JOBS_WRITE])]
ImagesReader = Annotated[Principal, Security(authorize, scopes=[Scope.IMAGES_READ])]
ImagesWriter = Annotated[Principal, Security(authorize, scopes=[Scope.IMAGES_WRITE])]
KeysManager = Annotated[Principal, Security(authorize, scopes=[Scope.KEYS_MANAGE])]
OrganizationManager = Annotated[Principal, Security(authorize, scopes=[Scope.ORG_MANAGE])]
Owner = Annotated[Principal, Security(authorize, scopes=[Scope.ADMIN])]
