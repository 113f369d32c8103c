"""Archives of an organisation as a whole.

Revision: 0019
Follows: 0018
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CHECK = "ck_exports_exportkind"
KINDS = ("images", "account")


def upgrade() -> None:
    hold_kinds(*KINDS, "organization")


def downgrade() -> None:
    op.execute("DELETE FROM exports WHERE kind = 'organization'")
    hold_kinds(*KINDS)


def hold_kinds(*kinds: str) -> None:
    words = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"ALTER TABLE exports DROP CONSTRAINT {CHECK}")
    op.execute(f"ALTER TABLE exports ADD CONSTRAINT {CHECK} CHECK (kind IN ({words}))")
