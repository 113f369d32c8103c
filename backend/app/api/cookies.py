"""The session's cookies: two that JavaScript never sees, and the CSRF token that it sends back."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from app.core.config import Settings
from app.services.sessions import SignIn

REFRESH_PATH = "/api/v1/auth"
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
    names, secure = CookieNames.for_settings(settings), settings.secure_cookies
    lasting = settings.refresh_token_days * 86400
    response.set_cookie(
        names.access, signed_in.access_token, max_age=signed_in.expires_in, httponly=True, secure=secure, samesite="lax"
    )
    response.set_cookie(
        names.refresh,
        signed_in.refresh_token,
        max_age=lasting,
        path=REFRESH_PATH,
        httponly=True,
        secure=secure,
        samesite="lax",
    )
    response.set_cookie(names.csrf, signed_in.csrf_token, max_age=lasting, secure=secure, samesite="lax")


def set_device_cookie(response: Response, token: str, settings: Settings) -> None:
    """Tells this browser from one that guesses (see `services/limits.py`). It outlives signing out."""
    response.set_cookie(
        CookieNames.for_settings(settings).device,
        token,
        max_age=DEVICE_SECONDS,
        path=REFRESH_PATH,
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
    )


def clear_session_cookies(response: Response, settings: Settings) -> None:
    names, secure = CookieNames.for_settings(settings), settings.secure_cookies
    response.delete_cookie(names.access, secure=secure, httponly=True, samesite="lax")
    response.delete_cookie(names.refresh, path=REFRESH_PATH, secure=secure, httponly=True, samesite="lax")
    response.delete_cookie(names.csrf, secure=secure, samesite="lax")
