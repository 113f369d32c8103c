"""The queue: one row is one job, and the row is the truth."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import JobStatus, Visibility
from app.db.base import Base
from app.models.columns import word_of


class ImageJob(Base):
    """`organization_id` leads the key, so that the table can be distributed by organisation.

    A RUNNING job has a lease: `lease_token` names the claim, and only who holds it may write. Times of leases are the
    database's own.
    """

    __tablename__ = "image_jobs"
    __table_args__ = (
        CheckConstraint("(status = 'RUNNING') = (lease_token IS NOT NULL)", name="lease_while_running"),
        CheckConstraint(
            "(status IN ('COMPLETED', 'FAILED', 'CANCELED')) = (finished_at IS NOT NULL)", name="finished_when_terminal"
        ),
        CheckConstraint("num_images BETWEEN 1 AND 100 AND width > 0 AND height > 0 AND steps > 0", name="sane_params"),
        Index("ix_image_jobs_claim", "model", "created_at", "id", postgresql_where=text("status = 'QUEUED'")),
        Index("ix_image_jobs_leases", "lease_expires_at", postgresql_where=text("status = 'RUNNING'")),
        Index("ix_image_jobs_user_newest", "organization_id", "user_id", text("id DESC")),
        Index(
            "ix_image_jobs_open",
            "organization_id",
            "user_id",
            postgresql_where=text("status IN ('QUEUED', 'RUNNING')"),
        ),
        Index("ix_image_jobs_recent_runs", "model", "finished_at", postgresql_where=text("status = 'COMPLETED'")),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[JobStatus] = mapped_column(word_of(JobStatus))
    visibility: Mapped[Visibility] = mapped_column(word_of(Visibility))

    prompt: Mapped[str]
    negative_prompt: Mapped[str | None]
    model: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    steps: Mapped[int]
    guidance: Mapped[float] = mapped_column(Double)
    seed: Mapped[int] = mapped_column(BigInteger)
    num_images: Mapped[int]
    cost: Mapped[int] = mapped_column(BigInteger, comment="Pixel-steps: width x height x steps x images.")

    progress: Mapped[float] = mapped_column(Double, server_default=text("0"))
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    lease_token: Mapped[UUID | None]
    lease_expires_at: Mapped[datetime | None]
    worker: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_detail: Mapped[str | None]
    trace_id: Mapped[str]

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A client's word for one request, so that sending it again makes no second job. Kept for 24 hours."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "job_id"], ["image_jobs.organization_id", "image_jobs.id"], ondelete="CASCADE"
        ),
        Index(None, "organization_id", "job_id"),
        Index(None, "created_at"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    job_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
