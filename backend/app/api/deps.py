"""What routes ask for, as `Annotated` aliases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param

from app.api.cookies import CookieNames
from app.core.config import Settings
from app.core.enums import Scope
from app.core.errors import Forbidden, Unauthenticated
from app.core.security import Principal
from app.services.container import Services

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CSRF_HEADER = "X-CSRF-Token"

# Both only describe the API: the credentials are read by `current_principal`, which also knows the cookie.
_oauth2 = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token", auto_error=False, scopes={scope.value: scope.value for scope in Scope}
)
_bearer = HTTPBearer(auto_error=False, description="An access token.")


def get_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_trace_id(request: Request) -> str:
    trace_id: str = request.state.trace_id
    return trace_id


ServicesDep = Annotated[Services, Depends(get_services)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
TraceId = Annotated[str, Depends(get_trace_id)]


async def current_principal(
    request: Request,
    services: ServicesDep,
    settings: SettingsDep,
    _oauth2_token: Annotated[str | None, Depends(_oauth2)] = None,
    _bearer_token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Principal:
    """Who calls: by bearer token, else by cookie. A cookie alone changes nothing: see CSRF_HEADER."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    if scheme.lower() == "bearer":
        return await services.accounts.authenticate(token)
    cookie = request.cookies.get(CookieNames.for_settings(settings).access)
    if cookie is None:
        raise Unauthenticated("Sign in first, or send an access token as “Authorization: Bearer …”.")
    principal = await services.accounts.authenticate(cookie)
    if request.method in UNSAFE_METHODS:
        require_same_origin(request, settings)
        if not services.accounts.csrf_matches(request.headers.get(CSRF_HEADER), principal):
            raise Forbidden(
                f"The {CSRF_HEADER} header is missing or does not belong to this session. Reload the page.",
                code="csrf_failed",
            )
    return principal


def require_same_origin(request: Request, settings: SettingsDep) -> None:
    """A browser says where a request comes from; another site's pages may not act here."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in settings.allowed_origins:
        raise Forbidden("This request comes from another site, and is refused.", code="foreign_origin")


SameOrigin = Depends(require_same_origin)


def requires(*scopes: Scope) -> Callable[..., Principal]:
    """A dependency that lets callers with all of the scopes pass."""

    # Not as Annotated: with postponed annotations FastAPI could not see `scopes`.
    asked = Security(current_principal, scopes=[scope.value for scope in scopes])

    def check(principal: Principal = asked) -> Principal:
        missing = [scope.value for scope in scopes if scope not in principal.scopes]
        if missing:
            raise Forbidden(f"This needs the scope {', '.join(missing)}, which you don't have.", code="missing_scope")
        return principal

    return check


AnyPrincipal = Annotated[Principal, Depends(current_principal)]
JobsReader = Annotated[Principal, Depends(requires(Scope.JOBS_READ))]
JobsWriter = Annotated[Principal, Depends(requires(Scope.JOBS_WRITE))]
ImagesReader = Annotated[Principal, Depends(requires(Scope.IMAGES_READ))]
ImagesWriter = Annotated[Principal, Depends(requires(Scope.IMAGES_WRITE))]
