"""Every table, imported here so that the metadata is whole."""

from app.models.audit import AuditEvent
from app.models.images import Image
from app.models.jobs import IdempotencyKey, ImageJob
from app.models.keys import ApiKey
from app.models.organizations import Membership, Organization
from app.models.quotas import LedgerEntry, QuotaAccount
from app.models.shares import OrganizationShare, UserShare
from app.models.users import RefreshToken, Session, User

__all__ = [
    "ApiKey",
    "AuditEvent",
    "IdempotencyKey",
    "Image",
    "ImageJob",
    "LedgerEntry",
    "Membership",
    "Organization",
    "OrganizationShare",
    "QuotaAccount",
    "RefreshToken",
    "Session",
    "User",
    "UserShare",
]
