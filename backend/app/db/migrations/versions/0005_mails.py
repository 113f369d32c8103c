"""Mails that wait to be sent.

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE, ENGINE_ROLE

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="Which letter it is, for whoever looks why none came."),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "useful_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Later it is not worth sending: its link has expired.",
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True, comment="A word: why the last attempt failed."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index("ix_mails_due", "mails", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    # Requests post mails and read none; the upkeep sends them.
    op.execute("ALTER TABLE mails ENABLE ROW LEVEL SECURITY")
    op.execute(f"GRANT INSERT ON mails TO {APP_ROLE}")
    op.execute(f"CREATE POLICY post ON mails FOR INSERT TO {APP_ROLE} WITH CHECK (true)")
    op.execute(f"GRANT SELECT, UPDATE, DELETE ON mails TO {ENGINE_ROLE}")
    op.execute(f"CREATE POLICY queue ON mails TO {ENGINE_ROLE} USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.drop_table("mails")
