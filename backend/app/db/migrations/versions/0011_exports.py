"""Zip archives of images, and a second size of thumbnail.

Revision: 0011
Follows: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db.roles import APP_ROLE, ENGINE_ROLE

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"
STATES = ("QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELED")


def upgrade() -> None:
    op.add_column(
        "images",
        sa.Column(
            "medium_key", sa.Text(), nullable=True, comment="A larger thumbnail, of pictures large enough for it."
        ),
    )
    status = sa.Enum(*STATES, name="exportstatus", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "exports",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("image_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("skipped", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Its files are removed after this.",
        ),
        sa.CheckConstraint(
            "(status = 'RUNNING') = (lease_token IS NOT NULL)", name=op.f("ck_exports_lease_while_running")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_exports_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exports_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_exports")),
    )
    op.create_index(
        "ix_exports_open",
        "exports",
        ["created_at"],
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.create_index("ix_exports_expired", "exports", ["expires_at"], postgresql_where=sa.text("expires_at IS NOT NULL"))
    op.create_index("ix_exports_user", "exports", ["organization_id", "user_id", sa.literal_column("id DESC")])
    op.create_table(
        "export_parts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("entries", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "export_id"],
            ["exports.organization_id", "exports.id"],
            name=op.f("fk_export_parts_organization_id_export_id_exports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "export_id", "number", name=op.f("pk_export_parts")),
    )
    secure_rows()


def secure_rows() -> None:
    for table, rights in {
        "exports": "SELECT, INSERT, UPDATE, DELETE",
        "export_parts": "SELECT, INSERT, DELETE",
    }.items():
        op.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
        )
    # The upkeep claims them, whosever they are.
    op.execute(f"GRANT SELECT, UPDATE ON exports TO {ENGINE_ROLE}")
    op.execute(f"CREATE POLICY queue ON exports TO {ENGINE_ROLE} USING (true) WITH CHECK (true)")


def downgrade() -> None:
    op.drop_table("export_parts")
    op.drop_table("exports")
    op.drop_column("images", "medium_key")
