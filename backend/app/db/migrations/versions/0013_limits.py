"""Limits of a person, and of open jobs; what each person has used in a month.

Revision: 0013
Follows: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    op.create_table(
        "user_quota_accounts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("charged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("reserved >= 0 AND charged >= 0", name=op.f("ck_user_quota_accounts_never_negative")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_user_quota_accounts_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_quota_accounts_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "period_start", name=op.f("pk_user_quota_accounts")),
    )
    # The ledger knows whose every entry is.
    op.execute(
        """
        INSERT INTO user_quota_accounts (organization_id, user_id, period_start, reserved, charged)
        SELECT organization_id, user_id, period_start,
            sum(CASE WHEN kind = 'reserve' THEN amount ELSE -amount END),
            sum(CASE WHEN kind = 'settle' THEN amount ELSE 0 END)
        FROM ledger_entries GROUP BY organization_id, user_id, period_start
        """
    )
    op.execute("ALTER TABLE user_quota_accounts ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON user_quota_accounts TO {APP_ROLE} "
        f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON user_quota_accounts TO {APP_ROLE}")


def _columns() -> list[tuple[str, sa.Column[int]]]:
    everybody, one = "For each member without a limit of their own.", "Of this member; null: the organisation decides."
    return [
        ("organizations", sa.Column("max_open_jobs", sa.Integer(), nullable=True, comment="Null: no limit.")),
        ("organizations", sa.Column("member_quota_monthly", sa.BigInteger(), nullable=True, comment=everybody)),
        ("organizations", sa.Column("member_max_open_jobs", sa.Integer(), nullable=True, comment=everybody)),
        ("memberships", sa.Column("quota_monthly", sa.BigInteger(), nullable=True, comment=one)),
        ("memberships", sa.Column("max_open_jobs", sa.Integer(), nullable=True, comment=one)),
    ]


def downgrade() -> None:
    op.drop_table("user_quota_accounts")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)
