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
    SmallInteger,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.enums import JobStage, JobStatus, Visibility
from app.db.base import Base
from app.models.columns import word_of

WAITING = "status = 'QUEUED' AND lost_workers = 0"
"""The partial indexes of the claim; a statement has to say the same words to use them."""
SUSPECT = "status = 'QUEUED' AND lost_workers > 0"
"""The same for jobs that lost their worker."""


class ImageJob(Base):
    """`organization_id` leads the key, so that the table can be distributed by organisation.

    A RUNNING job has a lease: `lease_token` names the claim, and only who holds it may write. Times of leases are the
    database's own.

    Its place in the queue is a turn of its organisation (`organization_start`) and a turn of its user (`user_start`),
    both in virtual time and fixed when the job is accepted. Turns belong to the organisation and to the user rather
    than to the job: the claim gives the organisation's next turn to whichever of its users is due, and that user's next
    turn to their job of highest priority; who gives a turn away gets the other one's.

    A job that lost its worker (`lost_workers`) is a suspect: it may be what took the worker down. It is tried again
    alone, and by no worker that has not finished another job since it started, while others wait.
    """

    __tablename__ = "image_jobs"
    __table_args__ = (
        CheckConstraint("(status = 'RUNNING') = (lease_token IS NOT NULL)", name="lease_while_running"),
        CheckConstraint(
            "(status IN ('COMPLETED', 'FAILED', 'CANCELED')) = (finished_at IS NOT NULL)", name="finished_when_terminal"
        ),
        CheckConstraint("num_images BETWEEN 1 AND 100 AND width > 0 AND height > 0 AND steps > 0", name="sane_params"),
        Index("ix_image_jobs_claim", "model", "organization_start", "id", postgresql_where=text(WAITING)),
        Index(
            "ix_image_jobs_claim_user", "organization_id", "model", "user_start", "id", postgresql_where=text(WAITING)
        ),
        Index("ix_image_jobs_batch", "batch_key", "organization_start", "id", postgresql_where=text(WAITING)),
        Index(
            "ix_image_jobs_batch_user",
            "organization_id",
            "batch_key",
            "user_start",
            "id",
            postgresql_where=text(WAITING),
        ),
        Index(
            "ix_image_jobs_turn",
            "organization_id",
            "user_id",
            "model",
            text("priority DESC"),
            "id",
            postgresql_where=text(WAITING),
        ),
        Index("ix_image_jobs_suspects", "lost_at", postgresql_where=text(SUSPECT)),
        Index("ix_image_jobs_deadlines", "deadline_at", postgresql_where=text("status IN ('QUEUED', 'RUNNING')")),
        Index("ix_image_jobs_dead_letters", "organization_id", text("id DESC"), postgresql_where=text("dead_letter")),
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

    priority: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="Among the user's own waiting jobs; higher runs first."
    )
    batch_key: Mapped[str] = mapped_column(comment="Equal for jobs that can share a forward pass.")
    organization_start: Mapped[int] = mapped_column(BigInteger)
    user_start: Mapped[int] = mapped_column(BigInteger)

    progress: Mapped[float] = mapped_column(Double, server_default=text("0"))
    stage: Mapped[JobStage] = mapped_column(word_of(JobStage), server_default=JobStage.GENERATING.value)
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    lease_token: Mapped[UUID | None]
    lease_expires_at: Mapped[datetime | None]
    worker: Mapped[str | None]
    lost_workers: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    lost_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime]
    dead_letter: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="FAILED after its last attempt; an administrator may try it again."
    )
    retried_as: Mapped[UUID | None] = mapped_column(comment="The job that an administrator made of a dead letter.")
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
