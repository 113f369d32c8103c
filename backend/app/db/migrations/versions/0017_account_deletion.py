"""Accounts that are to be deleted, and the right to remove what a person leaves behind.

Revision: 0017
Follows: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PURPOSES = ("reset_password", "verify_email", "second_factor", "logout_token")
CHECK = "ck_account_tokens_tokenpurpose"
REMOVABLE = ("share_links", "api_keys", "moderation_decisions")


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "deletion_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until then the person may take it back; after it everything of theirs is deleted.",
        ),
    )
    op.add_column(
        "users",
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The row stays for the ledger and the audit log, and says nothing about the person.",
        ),
    )
    op.create_index(
        "ix_users_deletion", "users", ["deletion_due_at"], postgresql_where=sa.text("deletion_due_at IS NOT NULL")
    )
    hold_purposes(*PURPOSES, "restore_account")
    for table in REMOVABLE:
        op.execute(f"GRANT DELETE ON {table} TO {APP_ROLE}")


def hold_purposes(*purposes: str) -> None:
    words = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.execute(f"ALTER TABLE account_tokens DROP CONSTRAINT {CHECK}")
    op.execute(f"ALTER TABLE account_tokens ADD CONSTRAINT {CHECK} CHECK (purpose IN ({words}))")


def downgrade() -> None:
    for table in REMOVABLE:
        op.execute(f"REVOKE DELETE ON {table} FROM {APP_ROLE}")
    op.execute("DELETE FROM account_tokens WHERE purpose = 'restore_account'")
    hold_purposes(*PURPOSES)
    op.drop_index("ix_users_deletion", table_name="users")
    op.drop_column("users", "deleted_at")
    op.drop_column("users", "deletion_due_at")
