"""Every table, imported here so that the metadata is whole."""

from app.models.account_tokens import AccountToken
from app.models.audit import AuditEvent
from app.models.collections import Collection, CollectionImage
from app.models.exports import Export, ExportPart
from app.models.identities import ExternalIdentity
from app.models.images import Image, ImageWord
from app.models.invitations import Invitation
from app.models.jobs import IdempotencyKey, ImageJob
from app.models.keys import ApiKey
from app.models.mails import Mail
from app.models.moderation import ModerationDecision, ModerationRule, OutputCheck
from app.models.organizations import Membership, Organization
from app.models.quotas import LedgerEntry, QuotaAccount, UserQuotaAccount
from app.models.second_factors import RecoveryCode, SecondFactor
from app.models.share_links import ShareLink
from app.models.shares import OrganizationShare, UserShare
from app.models.users import RefreshToken, Session, User

__all__ = [
    "AccountToken",
    "ApiKey",
    "AuditEvent",
    "Collection",
    "CollectionImage",
    "Export",
    "ExportPart",
    "ExternalIdentity",
    "IdempotencyKey",
    "Image",
    "ImageJob",
    "ImageWord",
    "Invitation",
    "LedgerEntry",
    "Mail",
    "Membership",
    "ModerationDecision",
    "ModerationRule",
    "Organization",
    "OrganizationShare",
    "OutputCheck",
    "QuotaAccount",
    "RecoveryCode",
    "RefreshToken",
    "SecondFactor",
    "Session",
    "ShareLink",
    "User",
    "UserQuotaAccount",
    "UserShare",
]
