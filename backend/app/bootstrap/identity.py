"""The services that know who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.bootstrap.parts import Parts
from app.bootstrap.upkeep import make_mail_service
from app.core.passwords import Passwords
from app.core.security import DeviceTokens
from app.services.account_deletions import AccountDeletionService
from app.services.accounts import AccountService
from app.services.addresses import AddressService
from app.services.external_accounts import ExternalAccounts
from app.services.identity_proofs import IdentityProofs
from app.services.invitations import InvitationService
from app.services.limits import GuessLimits
from app.services.passwords import PasswordService
from app.services.second_factors import Parts as SecondFactorParts
from app.services.second_factors import SecondFactorService
from app.services.sessions import SessionService
from app.services.single_sign_on import SingleSignOnService


@dataclass(frozen=True, slots=True)
class Identity:
    """The services that know who somebody is."""

    accounts: AccountService
    account_deletions: AccountDeletionService
    addresses: AddressService
    passwords: PasswordService
    second_factors: SecondFactorService
    proofs: IdentityProofs
    single_sign_on: SingleSignOnService


def make_identity(
    parts: Parts, sessions: SessionService, invitations: InvitationService, guesses: GuessLimits
) -> Identity:
    settings, units, hashing = parts.settings, parts.units, Passwords()
    secret, public_url, mails = settings.require_secret(), settings.public_url, make_mail_service(parts)
    addresses = AddressService(units, mails=mails, guesses=guesses, public_url=public_url)
    passwords = PasswordService(
        units, passwords=hashing, sessions=sessions, guesses=guesses, mails=mails, public_url=public_url
    )
    second_factors = SecondFactorService(
        units, SecondFactorParts(passwords, sessions, guesses, mails), secret=secret, public_url=public_url
    )
    accounts = AccountService(
        units,
        passwords=hashing,
        sessions=sessions,
        invitations=invitations,
        addresses=addresses,
        second_factors=second_factors,
        guesses=guesses,
        device_tokens=DeviceTokens(secret),
        quotas=parts.quotas,
        registration=settings.registration,
        sign_in_services=settings.oidc_providers,
    )
    single_sign_on = SingleSignOnService(
        units,
        providers=parts.oidc_providers,
        accounts=ExternalAccounts(units, sessions=sessions),
        sessions=sessions,
        secret=secret,
        public_url=public_url,
    )
    proofs = IdentityProofs(units, passwords=passwords, second_factors=second_factors)
    account_deletions = AccountDeletionService(
        units,
        proofs=proofs,
        sessions=sessions,
        mails=mails,
        grace=timedelta(hours=settings.deletion_grace_hours),
        public_url=public_url,
    )
    return Identity(accounts, account_deletions, addresses, passwords, second_factors, proofs, single_sign_on)
