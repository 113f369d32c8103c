"""Who may do what: one readable table.

Each operation of the API (the name of its route's function) has one row: which roles, and which scope a token or key
must carry. A route declares that it is guarded (`AnyPrincipal` and its kin in `api/deps.py`, or `Public`), the row says
by what. An application with a route that lacks a row, or a row that lacks a route, does not start.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.core.enums import Role, Scope
from app.core.errors import Forbidden
from app.core.security import Principal

_READ = frozenset({Scope.IMAGES_READ, Scope.JOBS_READ})
_WRITE = _READ | {Scope.IMAGES_WRITE, Scope.JOBS_WRITE}
_MANAGE = _WRITE | {Scope.KEYS_MANAGE, Scope.ORG_MANAGE}

SCOPES_OF_ROLE: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: _READ,
    Role.MEMBER: _WRITE | {Scope.KEYS_MANAGE},
    Role.ADMIN: _MANAGE,
    Role.OWNER: _MANAGE | {Scope.ADMIN},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`roles` empty: no need to sign in. `scope` None: any token will do. `in_person`: by session only, not by key."""

    roles: frozenset[Role]
    scope: Scope | None = None
    in_person: bool = False

    @property
    def is_public(self) -> bool:
        return not self.roles


OWNER = frozenset({Role.OWNER})
MANAGERS = OWNER | {Role.ADMIN}
MAKERS = MANAGERS | {Role.MEMBER}
MEMBERS = MAKERS | {Role.VIEWER}
PUBLIC = Rule(frozenset())

POLICY: dict[str, Rule] = {
    # operations
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,  # has a token of its own
    "docs_page": PUBLIC,
    "docs_script": PUBLIC,
    # sessions
    "get_auth_config": PUBLIC,
    "get_signing_keys": PUBLIC,
    "register": PUBLIC,
    "login": PUBLIC,
    "create_token": PUBLIC,
    "refresh": PUBLIC,
    "logout": Rule(MEMBERS, in_person=True),
    "get_me": Rule(MEMBERS),
    "list_sessions": Rule(MEMBERS, in_person=True),
    "end_session": Rule(MEMBERS, in_person=True),
    # API keys
    "create_key": Rule(MAKERS, Scope.KEYS_MANAGE, in_person=True),
    "list_keys": Rule(MAKERS, Scope.KEYS_MANAGE),
    "revoke_key": Rule(MAKERS, Scope.KEYS_MANAGE),
    # audit
    "list_audit_events": Rule(MANAGERS, Scope.ORG_MANAGE),
    "export_audit_events": Rule(MANAGERS, Scope.ORG_MANAGE),
    # jobs
    "generate": Rule(MAKERS, Scope.JOBS_WRITE),
    "get_status": Rule(MEMBERS, Scope.JOBS_READ),
    "list_jobs": Rule(MEMBERS, Scope.JOBS_READ),
    "cancel_job": Rule(MAKERS, Scope.JOBS_WRITE),
    "retry_job": Rule(MAKERS, Scope.JOBS_WRITE),
    "list_dead_letters": Rule(MANAGERS, Scope.ORG_MANAGE),
    "retry_dead_letter": Rule(MANAGERS, Scope.ORG_MANAGE),
    "stream_events": Rule(MEMBERS, Scope.JOBS_READ),
    "list_models": Rule(MEMBERS),
    # images
    "list_images": Rule(MEMBERS, Scope.IMAGES_READ),
    "get_image": Rule(MEMBERS, Scope.IMAGES_READ),
    "update_image": Rule(MAKERS, Scope.IMAGES_WRITE),
    "delete_image": Rule(MAKERS, Scope.IMAGES_WRITE),
    "get_image_file": Rule(MEMBERS, Scope.IMAGES_READ),
    "get_file": PUBLIC,  # the URL is signed
}


def granted_scopes(role: Role, asked: frozenset[Scope] | None = None) -> frozenset[Scope]:
    """What a token may carry: what the role allows, narrowed to what was asked for."""
    allowed = SCOPES_OF_ROLE[role]
    return allowed if asked is None else allowed & asked


def require_allowed(operation: str, principal: Principal) -> None:
    """Raises `Forbidden` unless the table lets the caller do this. An operation without a row is refused to all."""
    rule = POLICY.get(operation)
    if rule is None or principal.role not in rule.roles:
        raise Forbidden(
            f"Your role in this organisation ({principal.role.value}) does not allow this.", code="role_not_allowed"
        )
    if rule.scope is not None and rule.scope not in principal.scopes:
        raise Forbidden(f"This needs the scope {rule.scope.value}, which you don't have.", code="missing_scope")
    if rule.in_person and principal.session_id is None:
        raise Forbidden("An API key can't do this. Sign in with your account.", code="session_required")
