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
    "report_page_error": PUBLIC,
    # sessions
    "get_auth_config": PUBLIC,
    "get_signing_keys": PUBLIC,
    "register": PUBLIC,
    "login": PUBLIC,
    "login_second_step": PUBLIC,  # the first step's token says who
    "create_token": PUBLIC,
    "begin_single_sign_on": PUBLIC,
    "end_single_sign_on": PUBLIC,  # the provider's answer says who
    "log_out_by_provider": PUBLIC,  # the logout token is signed
    "refresh": PUBLIC,
    "forgot_password": PUBLIC,
    "reset_password": PUBLIC,  # the mail's link says who
    "change_password": Rule(MEMBERS, in_person=True),
    "verify_email": PUBLIC,
    "send_verification_mail": Rule(MEMBERS, in_person=True),
    "logout": Rule(MEMBERS, in_person=True),
    "get_me": Rule(MEMBERS),
    "get_wanted_proof": Rule(MEMBERS, in_person=True),
    "preview_account_deletion": Rule(MEMBERS, in_person=True),
    "delete_account": Rule(MEMBERS, in_person=True),  # not while others depend on the caller: see the service
    "restore_account": PUBLIC,  # the mail's link says who
    "export_account": Rule(MEMBERS, in_person=True),
    "get_second_factor": Rule(MEMBERS, in_person=True),
    "enrol_second_factor": Rule(MEMBERS, in_person=True),
    "confirm_second_factor": Rule(MEMBERS, in_person=True),
    "renew_recovery_codes": Rule(MEMBERS, in_person=True),
    "turn_off_second_factor": Rule(MEMBERS, in_person=True),
    "list_sessions": Rule(MEMBERS, in_person=True),
    "end_session": Rule(MEMBERS, in_person=True),
    # API keys
    "create_key": Rule(MAKERS, Scope.KEYS_MANAGE, in_person=True),
    "list_keys": Rule(MAKERS, Scope.KEYS_MANAGE),
    "revoke_key": Rule(MAKERS, Scope.KEYS_MANAGE),
    # organisations and their members
    "create_organization": Rule(MEMBERS, in_person=True),  # by invitation only, owners alone: see the service
    "get_organization": Rule(MEMBERS),
    "rename_organization": Rule(MANAGERS, Scope.ORG_MANAGE),
    "switch_organization": Rule(MEMBERS, in_person=True),
    "leave_organization": Rule(MEMBERS, in_person=True),
    "transfer_organization": Rule(OWNER, Scope.ADMIN, in_person=True),  # with proof, see services/identity_proofs.py
    "delete_organization": Rule(OWNER, Scope.ADMIN, in_person=True),  # with proof
    "restore_organization": Rule(OWNER, Scope.ADMIN, in_person=True),
    "export_organization": Rule(MANAGERS, Scope.ORG_MANAGE, in_person=True),
    "list_members": Rule(MEMBERS),
    "change_member_role": Rule(MANAGERS, Scope.ORG_MANAGE),  # see MANAGED_ROLES
    "end_member_sessions": Rule(MANAGERS, Scope.ORG_MANAGE),  # see MANAGED_ROLES
    "remove_member": Rule(MANAGERS, Scope.ORG_MANAGE),  # see MANAGED_ROLES
    "reset_member_second_factor": Rule(MANAGERS, Scope.ORG_MANAGE, in_person=True),  # see MANAGED_ROLES
    "create_invitation": Rule(MANAGERS, Scope.ORG_MANAGE),  # see MANAGED_ROLES
    "list_invitations": Rule(MANAGERS, Scope.ORG_MANAGE),
    "send_invitation_again": Rule(MANAGERS, Scope.ORG_MANAGE),
    "revoke_invitation": Rule(MANAGERS, Scope.ORG_MANAGE),
    "preview_invitation": PUBLIC,  # the token opens it
    "accept_invitation": Rule(MEMBERS, in_person=True),
    # usage
    "get_usage": Rule(MEMBERS),  # everybody's for managers alone: see the service
    "get_limits": Rule(MANAGERS, Scope.ORG_MANAGE),
    "change_limits": Rule(MANAGERS, Scope.ORG_MANAGE),
    "change_member_limits": Rule(MANAGERS, Scope.ORG_MANAGE),  # see MANAGED_ROLES
    "get_queue": Rule(MANAGERS, Scope.ORG_MANAGE),
    "list_workers": Rule(MANAGERS, Scope.ORG_MANAGE),
    # audit
    "list_audit_events": Rule(MANAGERS, Scope.ORG_MANAGE),
    "export_audit_events": Rule(MANAGERS, Scope.ORG_MANAGE),
    # moderation
    "list_moderation_rules": Rule(MANAGERS, Scope.ORG_MANAGE),
    "create_moderation_rule": Rule(MANAGERS, Scope.ORG_MANAGE),
    "update_moderation_rule": Rule(MANAGERS, Scope.ORG_MANAGE),
    "delete_moderation_rule": Rule(MANAGERS, Scope.ORG_MANAGE),
    "try_moderation_rules": Rule(MANAGERS, Scope.ORG_MANAGE),
    "list_moderation_decisions": Rule(MANAGERS, Scope.ORG_MANAGE),
    "get_output_check": Rule(MANAGERS, Scope.ORG_MANAGE),
    "set_output_check": Rule(MANAGERS, Scope.ORG_MANAGE),
    "delete_output_check": Rule(MANAGERS, Scope.ORG_MANAGE),
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
    # as OpenAI's clients ask
    "openai_generate_images": Rule(MAKERS, Scope.JOBS_WRITE),
    "openai_list_models": Rule(MEMBERS),
    "openai_get_model": Rule(MEMBERS),
    # images
    "list_images": Rule(MEMBERS, Scope.IMAGES_READ),
    "get_image": Rule(MEMBERS, Scope.IMAGES_READ),
    "update_image": Rule(MAKERS, Scope.IMAGES_WRITE),
    "delete_image": Rule(MAKERS, Scope.IMAGES_WRITE),
    "restore_image": Rule(MAKERS, Scope.IMAGES_WRITE),
    "change_images": Rule(MAKERS, Scope.IMAGES_WRITE),
    "list_tags": Rule(MEMBERS, Scope.IMAGES_READ),
    "create_collection": Rule(MAKERS, Scope.IMAGES_WRITE),
    "list_collections": Rule(MEMBERS, Scope.IMAGES_READ),
    "get_collection": Rule(MEMBERS, Scope.IMAGES_READ),
    "update_collection": Rule(MAKERS, Scope.IMAGES_WRITE),
    "delete_collection": Rule(MAKERS, Scope.IMAGES_WRITE),
    "change_collection_images": Rule(MAKERS, Scope.IMAGES_WRITE),
    "arrange_collection": Rule(MAKERS, Scope.IMAGES_WRITE),
    "create_share_link": Rule(MAKERS, Scope.IMAGES_WRITE),
    "list_share_links": Rule(MEMBERS, Scope.IMAGES_READ),
    "revoke_share_link": Rule(MAKERS, Scope.IMAGES_WRITE),
    "open_share": PUBLIC,  # whoever has the link
    "get_shared_image": PUBLIC,
    "export_images": Rule(MEMBERS, Scope.IMAGES_READ),
    "list_exports": Rule(MEMBERS, Scope.IMAGES_READ),
    "get_export": Rule(MEMBERS, Scope.IMAGES_READ),
    "cancel_export": Rule(MEMBERS, Scope.IMAGES_READ),
    "download_export": PUBLIC,  # the URL is signed
    "read_image_parameters": Rule(MAKERS, Scope.JOBS_WRITE),
    "get_image_file": Rule(MEMBERS, Scope.IMAGES_READ),
    "get_file": PUBLIC,  # the URL is signed
}


MANAGED_ROLES: dict[Role, frozenset[Role]] = {
    Role.OWNER: frozenset(Role),
    Role.ADMIN: frozenset({Role.MEMBER, Role.VIEWER}),
    Role.MEMBER: frozenset(),
    Role.VIEWER: frozenset(),
}
"""Whose membership a role may change or end, and which roles it may give: an admin makes no other admin."""


def require_manages(principal: Principal, role: Role) -> None:
    """Raises `Forbidden` when the caller may not give this role, or change somebody who has it."""
    if role not in MANAGED_ROLES[principal.role]:
        raise Forbidden(
            f"Your role in this organisation ({principal.role.value}) does not reach as far as {role.value}. "
            "Ask an owner.",
            code="role_too_high",
        )


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
