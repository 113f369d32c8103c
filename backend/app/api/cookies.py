"""The session's cookies: two that JavaScript never sees, and the CSRF token that it sends back."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from app.core.config import Settings
from app.services.sessions import SignIn
from app.services.single_sign_on import FLOW_SECONDS

REFRESH_PATH = "/api/v1/auth"
FLOW_PATH = "/api/v1/auth/oidc"
DEVICE_SECONDS = 365 * 86400


@dataclass(frozen=True, slots=True)
class CookieNames:
    """`__Host-` binds a cookie to this very host and to HTTPS. Over plain HTTP on loopback browsers would refuse it."""

    access: str
    refresh: str
    csrf: str
    device: str

    @classmethod
    def for_settings(cls, settings: Settings) -> CookieNames:
        if settings.secure_cookies:
            # The refresh cookie is bound to a path, which `__Host-` does not allow.
            return cls("__Host-easel_access", "__Secure-easel_refresh", "__Host-easel_csrf", "__Secure-easel_device")
        return cls("easel_access", "easel_refresh", "easel_csrf", "easel_device")


def set_session_cookies(response: Response, signed_in: SignIn, settings: Settings) -> None:
    names, lasting = CookieNames.for_settings(settings), settings.refresh_token_days * 86400
    _set_hidden(response, names.access, signed_in.access_token, settings, seconds=signed_in.expires_in)
    _set_hidden(response, names.refresh, signed_in.refresh_token, settings, seconds=lasting, path=REFRESH_PATH)
    response.set_cookie(
        names.csrf, signed_in.csrf_token, max_age=lasting, secure=settings.secure_cookies, samesite="lax"
    )


def set_device_cookie(response: Response, token: str, settings: Settings) -> None:
    """Tells this browser from one that guesses (see `services/limits.py`). It outlives signing out."""
    name = CookieNames.for_settings(settings).device
    _set_hidden(response, name, token, settings, seconds=DEVICE_SECONDS, path=REFRESH_PATH)


def flow_cookie_name(provider: str, settings: Settings) -> str:
    return f"__Secure-easel_sso_{provider}" if settings.secure_cookies else f"easel_sso_{provider}"


def set_flow_cookie(response: Response, provider: str, flow: str, settings: Settings) -> None:
    """For the way to the provider and back. Lax: the way back begins at another site."""
    _set_hidden(response, flow_cookie_name(provider, settings), flow, settings, seconds=FLOW_SECONDS, path=FLOW_PATH)


def _set_hidden(
    response: Response, name: str, value: str, settings: Settings, *, seconds: int, path: str = "/"
) -> None:
    """One that JavaScript never sees."""
    response.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, secure=settings.secure_cookies, samesite="lax"
    )


def clear_flow_cookie(response: Response, provider: str, settings: Settings) -> None:
    response.delete_cookie(
        flow_cookie_name(provider, settings),
        path=FLOW_PATH,
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )


def clear_session_cookies(response: Response, settings: Settings) -> None:
    names, secure = CookieNames.for_settings(settings), settings.secure_cookies
    response.delete_cookie(names.access, secure=secure, httponly=True, samesite="lax")
    response.delete_cookie(names.refresh, path=REFRESH_PATH, secure=secure, httponly=True, samesite="lax")
    response.delete_cookie(names.csrf, secure=secure, samesite="lax")
