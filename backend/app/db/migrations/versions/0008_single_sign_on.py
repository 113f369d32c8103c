"""Identities at providers of single sign-on.

Revision: 0008
Follows: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True, comment="As the provider said it at the last sign-in."),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_external_identities_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identities")),
    )
    op.create_index(op.f("ix_external_identities_user_id"), "external_identities", ["user_id"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON external_identities TO {APP_ROLE}")
    comment = "Of single sign-on, with the two beside it."
    op.add_column("sessions", sa.Column("identity_issuer", sa.Text(), nullable=True, comment=comment))
    op.add_column("sessions", sa.Column("identity_subject", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("identity_sid", sa.Text(), nullable=True))
    op.create_index(
        "ix_sessions_identity",
        "sessions",
        ["identity_issuer", "identity_subject"],
        postgresql_where=sa.text("identity_issuer IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_identity", table_name="sessions")
    for column in ("identity_sid", "identity_subject", "identity_issuer"):
        op.drop_column("sessions", column)
    op.drop_table("external_identities")
