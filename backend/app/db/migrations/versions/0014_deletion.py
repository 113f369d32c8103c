"""Organisations that are to be deleted, and the right to delete what is theirs.

Revision: 0014
Follows: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE, ENGINE_ROLE

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "organizations",
        sa.Column(
            "deletion_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until then an owner may take it back; after it everything of the organisation is deleted.",
        ),
    )
    op.create_index(
        "ix_organizations_deletion",
        "organizations",
        ["deletion_due_at"],
        postgresql_where=sa.text("deletion_due_at IS NOT NULL"),
    )
    # Upkeep finds them as the queue's role, and deletes as the application: one organisation at a time.
    op.execute(f"GRANT SELECT ON organizations TO {ENGINE_ROLE}")
    op.execute(
        f"CREATE POLICY closing ON organizations FOR SELECT TO {ENGINE_ROLE} USING (deletion_due_at IS NOT NULL)"
    )
    for table in ("organizations", "image_jobs"):
        op.execute(f"GRANT DELETE ON {table} TO {APP_ROLE}")


def downgrade() -> None:
    for table in ("organizations", "image_jobs"):
        op.execute(f"REVOKE DELETE ON {table} FROM {APP_ROLE}")
    op.execute("DROP POLICY closing ON organizations")
    op.execute(f"REVOKE SELECT ON organizations FROM {ENGINE_ROLE}")
    op.drop_index("ix_organizations_deletion", table_name="organizations")
    op.drop_column("organizations", "deletion_due_at")
