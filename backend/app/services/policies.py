"""Who may do what: one readable table."""

from __future__ import annotations

from app.core.enums import Role, Scope

_READ = frozenset({Scope.IMAGES_READ, Scope.JOBS_READ})
_WRITE = _READ | {Scope.IMAGES_WRITE, Scope.JOBS_WRITE}
_MANAGE = _WRITE | {Scope.KEYS_MANAGE, Scope.ORG_MANAGE}

SCOPES_OF_ROLE: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: _READ,
    Role.MEMBER: _WRITE,
    Role.ADMIN: _MANAGE,
    Role.OWNER: _MANAGE | {Scope.ADMIN},
}


def granted_scopes(role: Role, asked: frozenset[Scope] | None = None) -> frozenset[Scope]:
    """What a token may carry: what the role allows, narrowed to what was asked for."""
    allowed = SCOPES_OF_ROLE[role]
    return allowed if asked is None else allowed & asked
