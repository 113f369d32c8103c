"""Everything under /api/v1."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.v1 import (
    accounts,
    addresses,
    audit,
    auth,
    collections,
    dead_letters,
    events,
    exports,
    files,
    generate,
    images,
    invitations,
    jobs,
    keys,
    members,
    models,
    moderation,
    organizations,
    oversight,
    page_errors,
    passwords,
    second_factors,
    sessions,
    share_links,
    single_sign_on,
    tags,
    usage,
    users,
)

router = APIRouter(prefix="/api/v1")
# Routes are tried in this order: first what is asked most often.
for module in (
    generate,
    auth,
    single_sign_on,
    passwords,
    addresses,
    users,
    accounts,
    second_factors,
    sessions,
    organizations,
    members,
    invitations,
    usage,
    oversight,
    keys,
    audit,
    jobs,
    dead_letters,
    exports,
    images,
    tags,
    collections,
    share_links,
    models,
    moderation,
    events,
    files,
    page_errors,
):
    router.include_router(module.router)
