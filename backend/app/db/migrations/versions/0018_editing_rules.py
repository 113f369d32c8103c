"""A moderation rule may be changed in place.

Revision: 0018
Follows: 0017
"""

from __future__ import annotations

from alembic import op

from app.db.roles import APP_ROLE

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = "kind, pattern, action, note"


def upgrade() -> None:
    op.execute(f"GRANT UPDATE ({COLUMNS}) ON moderation_rules TO {APP_ROLE}")


def downgrade() -> None:
    op.execute(f"REVOKE UPDATE ({COLUMNS}) ON moderation_rules FROM {APP_ROLE}")
