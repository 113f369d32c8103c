"""Archives of all that is kept about a person, and their events found without reading everybody's.

Revision: 0016
Follows: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Enum("images", "account", name="exportkind", native_enum=False, create_constraint=True, length=32)
    op.add_column("exports", sa.Column("kind", kind, server_default="images", nullable=False))
    op.add_column("exports", sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.execute("UPDATE exports SET total = cardinality(image_ids)")
    op.add_column("exports", sa.Column("position", postgresql.JSONB(none_as_null=True), nullable=True))
    op.create_index(
        "ix_audit_events_actor",
        "audit_events",
        ["organization_id", "actor_id", "id"],
        postgresql_where=sa.text("actor_id IS NOT NULL"),
    )
    op.create_index(
        "ix_audit_events_target",
        "audit_events",
        ["organization_id", "target", "id"],
        postgresql_where=sa.text("target IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_audit_events_target", table_name="audit_events")
    op.drop_index("ix_audit_events_actor", table_name="audit_events")
    op.execute("DELETE FROM exports WHERE kind = 'account'")
    for column in ("position", "total", "kind"):
        op.drop_column("exports", column)
