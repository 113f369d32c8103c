"""Fair queueing by cost, suspects, deadlines and dead letters.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE, ENGINE_ROLE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"
WAITING = "status = 'QUEUED' AND lost_workers = 0"


def upgrade() -> None:
    _make_shares()
    _extend_jobs()
    _index_jobs()


def _make_shares() -> None:
    op.create_table(
        "organization_shares",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Double(), server_default=sa.text("1"), nullable=False),
        sa.Column("finish", sa.BigInteger(), nullable=False),
        sa.Column("served", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("weight > 0 AND weight <= 1000", name=op.f("ck_organization_shares_sane_weight")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_organization_shares_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_organization_shares")),
    )
    op.create_table(
        "user_shares",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("finish", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_user_shares_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_shares_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name=op.f("pk_user_shares")),
    )
    # The virtual time of all organisations: the largest start that was claimed. A sequence, because nobody may wait
    # for it: a claim that sets it locks nothing, and a value that is a little old only favours a newcomer.
    op.execute("CREATE SEQUENCE queue_virtual_time AS bigint")
    op.execute(f"GRANT SELECT ON SEQUENCE queue_virtual_time TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, UPDATE ON SEQUENCE queue_virtual_time TO {ENGINE_ROLE}")
    for table in ("organization_shares", "user_shares"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
        )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {APP_ROLE}")
        op.execute(f"CREATE POLICY queue ON {table} TO {ENGINE_ROLE} USING (true) WITH CHECK (true)")
        op.execute(f"GRANT SELECT, UPDATE ON {table} TO {ENGINE_ROLE}")


def _extend_jobs() -> None:
    for column in (
        sa.Column(
            "priority",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Among the user's own waiting jobs; higher runs first.",
        ),
        sa.Column("batch_key", sa.Text(), nullable=True, comment="Equal for jobs that can share a forward pass."),
        sa.Column("organization_start", sa.BigInteger(), nullable=True),
        sa.Column("user_start", sa.BigInteger(), nullable=True),
        sa.Column("lost_workers", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "dead_letter",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="FAILED after its last attempt; an administrator may try it again.",
        ),
        sa.Column(
            "retried_as", sa.Uuid(), nullable=True, comment="The job that an administrator made of a dead letter."
        ),
    ):
        op.add_column("image_jobs", column)
    # What waits already keeps its order: all start at once, and ties go by id.
    op.execute(
        """
        UPDATE image_jobs SET organization_start = 0, user_start = 0, deadline_at = now() + interval '1 day',
            batch_key = format('%s|%sx%s|%s|%s', model, width, height, steps, guidance)
        """
    )
    for column_name in ("batch_key", "organization_start", "user_start", "deadline_at"):
        op.alter_column("image_jobs", column_name, nullable=False)


def _index_jobs() -> None:
    op.drop_index("ix_image_jobs_claim", table_name="image_jobs")
    waiting: dict[str, list[str | sa.ColumnElement[Any]]] = {
        "claim": ["model", "organization_start", "id"],
        "claim_user": ["organization_id", "model", "user_start", "id"],
        "batch": ["batch_key", "organization_start", "id"],
        "batch_user": ["organization_id", "batch_key", "user_start", "id"],
        "turn": ["organization_id", "user_id", "model", sa.literal_column("priority DESC"), "id"],
    }
    for name, columns in waiting.items():
        op.create_index(f"ix_image_jobs_{name}", "image_jobs", columns, postgresql_where=sa.text(WAITING))
    op.create_index(
        "ix_image_jobs_suspects",
        "image_jobs",
        ["lost_at"],
        postgresql_where=sa.text("status = 'QUEUED' AND lost_workers > 0"),
    )
    op.create_index(
        "ix_image_jobs_deadlines",
        "image_jobs",
        ["deadline_at"],
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.create_index(
        "ix_image_jobs_dead_letters",
        "image_jobs",
        ["organization_id", sa.literal_column("id DESC")],
        postgresql_where=sa.text("dead_letter"),
    )


def downgrade() -> None:
    for name in ("dead_letters", "deadlines", "suspects", "turn", "batch_user", "batch", "claim_user", "claim"):
        op.drop_index(f"ix_image_jobs_{name}", table_name="image_jobs")
    op.create_index(
        "ix_image_jobs_claim",
        "image_jobs",
        ["model", "created_at", "id"],
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
    for name in (
        "retried_as",
        "dead_letter",
        "deadline_at",
        "lost_at",
        "lost_workers",
        "user_start",
        "organization_start",
        "batch_key",
        "priority",
    ):
        op.drop_column("image_jobs", name)
    op.execute("DROP SEQUENCE queue_virtual_time")
    op.drop_table("user_shares")
    op.drop_table("organization_shares")
