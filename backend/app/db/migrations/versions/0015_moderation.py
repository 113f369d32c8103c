"""Moderation: rules, decisions, and the endpoint that looks at pictures.

Revision: 0015
Follows: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"
TABLES = ("moderation_rules", "moderation_decisions", "output_checks")


def upgrade() -> None:
    op.create_table(
        "moderation_rules",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", word("rulekind", "words", "regex"), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("action", word("ruleaction", "block", "flag"), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        of_organization("moderation_rules"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_moderation_rules")),
    )
    op.create_table(
        "moderation_decisions",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("stage", word("moderationstage", "prompt", "output"), nullable=False),
        sa.Column("verdict", word("verdict", "allowed", "flagged", "blocked"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        of_organization("moderation_decisions"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_moderation_decisions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_moderation_decisions")),
    )
    op.create_index(
        "ix_moderation_decisions_newest", "moderation_decisions", ["organization_id", sa.literal_column("id DESC")]
    )
    op.create_table(
        "output_checks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("when_away", word("whenaway", "allow", "block"), nullable=False),
        of_organization("output_checks"),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_output_checks")),
    )
    secure_rows()


def word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def of_organization(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id"],
        ["organizations.id"],
        name=op.f(f"fk_{table}_organization_id_organizations"),
        ondelete="CASCADE",
    )


def secure_rows() -> None:
    op.execute(f"GRANT SELECT, INSERT, DELETE ON moderation_rules TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON moderation_decisions TO {APP_ROLE}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON output_checks TO {APP_ROLE}")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
        )


def downgrade() -> None:
    op.drop_table("output_checks")
    op.drop_index("ix_moderation_decisions_newest", table_name="moderation_decisions")
    op.drop_table("moderation_decisions")
    op.drop_table("moderation_rules")
