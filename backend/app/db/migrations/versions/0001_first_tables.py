"""The first tables, the roles and the row-level security.

Revision: 0001
Follows: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE, ENGINE_ROLE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT_TABLES = ("image_jobs", "images", "idempotency_keys", "quota_accounts", "ledger_entries")
# What a transaction says it is about. Set with SET LOCAL, so a pooled connection never carries it on.
# The sub-select is evaluated once a query, not once a row.
THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"
THIS_USER = "(SELECT NULLIF(current_setting('app.user_id', true), '')::uuid)"
GRANTS = {
    APP_ROLE: {
        "organizations": "SELECT, INSERT, UPDATE",
        "memberships": "SELECT, INSERT, UPDATE, DELETE",
        "users": "SELECT, INSERT, UPDATE",
        "sessions": "SELECT, INSERT, UPDATE, DELETE",
        "refresh_tokens": "SELECT, INSERT, UPDATE, DELETE",
        "image_jobs": "SELECT, INSERT, UPDATE",
        "images": "SELECT, INSERT, UPDATE, DELETE",
        "idempotency_keys": "SELECT, INSERT, DELETE",
        "quota_accounts": "SELECT, INSERT, UPDATE",
        "ledger_entries": "SELECT, INSERT",
        "alembic_version": "SELECT",
    },
    ENGINE_ROLE: {"image_jobs": "SELECT, UPDATE", "idempotency_keys": "SELECT, DELETE"},
}


def upgrade() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quota_monthly", sa.BigInteger(), nullable=True, comment="Pixel-steps; null: the setting decides."),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_email", "users", ["email"], unique=True, postgresql_where=sa.text("email IS NOT NULL"))
    op.create_table(
        "image_jobs",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "QUEUED",
                "RUNNING",
                "COMPLETED",
                "FAILED",
                "CANCELED",
                name="jobstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum("private", "organization", name="visibility", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("negative_prompt", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("guidance", sa.Double(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("num_images", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False, comment="Pixel-steps: width x height x steps x images."),
        sa.Column("progress", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'RUNNING') = (lease_token IS NOT NULL)", name=op.f("ck_image_jobs_lease_while_running")
        ),
        sa.CheckConstraint(
            "(status IN ('COMPLETED', 'FAILED', 'CANCELED')) = (finished_at IS NOT NULL)",
            name=op.f("ck_image_jobs_finished_when_terminal"),
        ),
        sa.CheckConstraint(
            "num_images BETWEEN 1 AND 100 AND width > 0 AND height > 0 AND steps > 0",
            name=op.f("ck_image_jobs_sane_params"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_image_jobs_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_image_jobs_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_image_jobs")),
    )
    op.create_index(
        "ix_image_jobs_claim",
        "image_jobs",
        ["model", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
    op.create_index(
        "ix_image_jobs_leases",
        "image_jobs",
        ["lease_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'RUNNING'"),
    )
    op.create_index(
        "ix_image_jobs_open",
        "image_jobs",
        ["organization_id", "user_id"],
        unique=False,
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.create_index(
        "ix_image_jobs_recent_runs",
        "image_jobs",
        ["model", "finished_at"],
        unique=False,
        postgresql_where=sa.text("status = 'COMPLETED'"),
    )
    op.create_index(
        "ix_image_jobs_user_newest",
        "image_jobs",
        ["organization_id", "user_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "memberships",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner", "admin", "member", "viewer", name="role", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_memberships_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_memberships_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "quota_accounts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("charged", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("reserved >= 0 AND charged >= 0", name=op.f("ck_quota_accounts_never_negative")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_quota_accounts_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "period_start", name=op.f("pk_quota_accounts")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_sessions_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "job_id"],
            ["image_jobs.organization_id", "image_jobs.id"],
            name=op.f("fk_idempotency_keys_organization_id_job_id_image_jobs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_index(
        op.f("ix_idempotency_keys_organization_id_job_id"),
        "idempotency_keys",
        ["organization_id", "job_id"],
        unique=False,
    )
    op.create_table(
        "images",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="0-based index within the job."),
        sa.Column(
            "visibility",
            sa.Enum("private", "organization", name="visibility", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("thumbnail_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("placeholder", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("negative_prompt", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("guidance", sa.Double(), nullable=False),
        sa.Column("favorite", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "job_id"],
            ["image_jobs.organization_id", "image_jobs.id"],
            name=op.f("fk_images_organization_id_job_id_image_jobs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_images_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_images_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_images")),
    )
    op.create_index(
        "ix_images_shared_newest",
        "images",
        ["organization_id", sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("visibility = 'organization'"),
    )
    op.create_index(
        "ix_images_user_newest", "images", ["organization_id", "user_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index("uq_images_job_position", "images", ["organization_id", "job_id", "position"], unique=True)
    op.create_table(
        "ledger_entries",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reserve",
                "settle",
                "refund",
                name="ledgerentrykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "job_id"],
            ["image_jobs.organization_id", "image_jobs.id"],
            name=op.f("fk_ledger_entries_organization_id_job_id_image_jobs"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_ledger_entries_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "job_id", "kind", name=op.f("pk_ledger_entries")),
    )
    op.create_index("ix_ledger_entries_period", "ledger_entries", ["organization_id", "period_start"], unique=False)
    op.create_index(
        "uq_ledger_entries_closing",
        "ledger_entries",
        ["organization_id", "job_id"],
        unique=True,
        postgresql_where=sa.text("kind IN ('settle', 'refund')"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_refresh_tokens_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)
    create_roles()
    secure_rows()


def create_roles() -> None:
    """Roles belong to the whole server: another database may have made them, even at this moment."""
    for role, tables in GRANTS.items():
        op.execute(
            f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )
        # Making a role does not allow to take it on (PostgreSQL 16 and later). Where another owner made it, that
        # owner's administrator has to grant it, and the error says so.
        op.execute(
            f"""
            DO $$ BEGIN
                EXECUTE format('GRANT {role} TO %I', current_user);
            EXCEPTION WHEN insufficient_privilege THEN
                IF NOT pg_has_role(current_user, '{role}', 'USAGE') THEN
                    RAISE EXCEPTION 'the role {role} exists, but % may not use it', current_user
                        USING HINT = format('As an administrator run: GRANT {role} TO %I', current_user);
                END IF;
            END $$
            """
        )
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for table, rights in tables.items():
            op.execute(f"GRANT {rights} ON {table} TO {role}")


def secure_rows() -> None:
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
        )
    for table in GRANTS[ENGINE_ROLE]:
        op.execute(f"CREATE POLICY queue ON {table} TO {ENGINE_ROLE} USING (true) WITH CHECK (true)")
    # A person may see which organisations they belong to before one is chosen.
    op.execute("ALTER TABLE memberships ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON memberships TO {APP_ROLE} "
        f"USING (organization_id = {THIS_ORGANIZATION} OR user_id = {THIS_USER}) "
        f"WITH CHECK (organization_id = {THIS_ORGANIZATION})"
    )
    op.execute("ALTER TABLE organizations ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON organizations TO {APP_ROLE} "
        f"USING (id = {THIS_ORGANIZATION} OR id IN (SELECT organization_id FROM memberships WHERE user_id = {THIS_USER})) "
        f"WITH CHECK (id = {THIS_ORGANIZATION})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY tenant ON organizations")  # it reads memberships
    op.drop_index(op.f("ix_refresh_tokens_session_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index("ix_ledger_entries_period", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index("uq_images_job_position", table_name="images")
    op.drop_index("ix_images_user_newest", table_name="images")
    op.drop_index(
        "ix_images_shared_newest", table_name="images", postgresql_where=sa.text("visibility = 'organization'")
    )
    op.drop_table("images")
    op.drop_index(op.f("ix_idempotency_keys_organization_id_job_id"), table_name="idempotency_keys")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("quota_accounts")
    op.drop_index(op.f("ix_memberships_user_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_image_jobs_user_newest", table_name="image_jobs")
    op.drop_index(
        "ix_image_jobs_recent_runs", table_name="image_jobs", postgresql_where=sa.text("status = 'COMPLETED'")
    )
    op.drop_index(
        "ix_image_jobs_open", table_name="image_jobs", postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')")
    )
    op.drop_index("ix_image_jobs_leases", table_name="image_jobs", postgresql_where=sa.text("status = 'RUNNING'"))
    op.drop_index("ix_image_jobs_claim", table_name="image_jobs", postgresql_where=sa.text("status = 'QUEUED'"))
    op.drop_table("image_jobs")
    op.drop_index("uq_users_email", table_name="users", postgresql_where=sa.text("email IS NOT NULL"))
    op.drop_table("users")
    op.drop_table("organizations")
    # The roles stay: other databases of this server may use them.
