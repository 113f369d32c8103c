"""Everything under /api/v1."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.v1 import (
    audit,
    auth,
    dead_letters,
    events,
    files,
    generate,
    images,
    jobs,
    keys,
    models,
    sessions,
    users,
)

router = APIRouter(prefix="/api/v1")
for module in (
    auth,
    users,
    sessions,
    keys,
    audit,
    generate,
    jobs,
    dead_letters,
    images,
    models,
    events,
    files,
):
    router.include_router(module.router)
