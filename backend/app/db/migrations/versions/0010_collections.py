"""Collections and links to share by.

Revision: 0010
Follows: 0009
"""

from __future__ import annotations

import importlib

import sqlalchemy as sa
from alembic import op

from app.db.roles import APP_ROLE

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"
THIS_CREDENTIAL = "(SELECT decode(NULLIF(current_setting('app.credential', true), ''), 'hex'))"
OLD_ARGUMENTS = "text, text, text, boolean, text, timestamptz, timestamptz, uuid, uuid, boolean, integer"
NEW_ARGUMENTS = "text, text, text, boolean, text, timestamptz, timestamptz, uuid, uuid, uuid, bigint, text, integer"

# As before (gallery_search), and of a collection if one is named: then of all that the person may see of it. `ordering`
# is newest, oldest or arranged; the last is the collection's own order, and goes on behind a place.
FIND_IMAGES = r"""
CREATE FUNCTION find_images(
    words text, tag text, model text, favorite boolean, scope text, made_before timestamptz, made_after timestamptz,
    collection uuid, above uuid, below uuid, behind bigint, ordering text, up_to integer
) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 50 AS $$
DECLARE
    organization uuid := NULLIF(current_setting('app.organization_id', true), '')::uuid;
    person uuid := NULLIF(current_setting('app.user_id', true), '')::uuid;
    query tsquery;
    pattern text;
BEGIN
    IF organization IS NULL OR person IS NULL THEN
        RETURN;
    END IF;
    IF collection IS NOT NULL AND NOT EXISTS (
        SELECT FROM collections AS wanted
        WHERE wanted.organization_id = organization AND wanted.id = collection
            AND (wanted.user_id = person OR wanted.visibility = 'organization')
    ) THEN
        RETURN;
    END IF;
    query := image_query(organization, words, tag);
    IF words ~ '\S' AND length(to_tsvector('pg_catalog.simple', words)) = 0 THEN
        -- Nothing in it is a word ("100%" has one, "%" has none): look for it as it stands.
        pattern := '%' || regexp_replace(trim(words), '([\\%_])', '\\\1', 'g') || '%';
    END IF;
    RETURN QUERY EXECUTE format(
        $find$
        SELECT image.id FROM images AS image %s
        WHERE image.organization_id = $1 AND image.deleted_at IS NULL AND %s %s %s
            AND ($5 IS NULL OR image.model = $5)
            AND ($6 IS NULL OR image.favorite = $6)
            AND ($7 IS NULL OR image.created_at < $7)
            AND ($8 IS NULL OR image.created_at > $8)
            AND ($9 IS NULL OR image.id > $9)
            AND ($10 IS NULL OR image.id < $10)
        ORDER BY %s
        LIMIT $11
        $find$,
        CASE WHEN collection IS NULL THEN '' ELSE
            'JOIN collection_images AS member ON member.organization_id = $1 AND member.image_id = image.id '
            'AND member.collection_id = $12 AND ($13 IS NULL OR member.place > $13)'
        END,
        CASE
            WHEN scope = 'organization' THEN 'image.visibility = ''organization'''
            WHEN scope = 'private' THEN 'image.user_id = $2 AND image.visibility = ''private'''
            WHEN collection IS NOT NULL THEN '(image.user_id = $2 OR image.visibility = ''organization'')'
            ELSE 'image.user_id = $2'
        END,
        CASE WHEN query IS NULL THEN '' ELSE 'AND image.search @@ $3' END,
        CASE WHEN pattern IS NULL THEN '' ELSE 'AND image.prompt ILIKE $4' END,
        CASE
            WHEN ordering = 'arranged' AND collection IS NOT NULL THEN 'member.place'
            WHEN ordering = 'oldest' THEN 'image.id'
            ELSE 'image.id DESC'
        END
    ) USING organization, person, query, pattern, model, favorite, made_before, made_after, above, below, up_to,
        collection, behind;
END $$
"""


def upgrade() -> None:
    visibility = sa.Enum(
        "private", "organization", name="visibility", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "collections",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("visibility", visibility, nullable=False),
        sa.Column("cover_image_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_collections_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_collections_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_collections")),
    )
    op.create_index(
        "ix_collections_user_newest", "collections", ["organization_id", "user_id", sa.literal_column("id DESC")]
    )
    op.create_index(
        "ix_collections_shared_newest",
        "collections",
        ["organization_id", sa.literal_column("id DESC")],
        postgresql_where=sa.text("visibility = 'organization'"),
    )
    op.create_table(
        "collection_images",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        to_collection("collection_images"),
        to_image("collection_images"),
        sa.PrimaryKeyConstraint("organization_id", "collection_id", "image_id", name=op.f("pk_collection_images")),
    )
    op.create_index("ix_collection_images_place", "collection_images", ["organization_id", "collection_id", "place"])
    op.create_index("ix_collection_images_image", "collection_images", ["organization_id", "image_id"])
    create_share_links()
    op.execute(f"DROP FUNCTION find_images({OLD_ARGUMENTS})")
    op.execute(FIND_IMAGES)
    secure_rows()


def create_share_links() -> None:
    op.create_table(
        "share_links",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("image_id", sa.Uuid(), nullable=True),
        sa.Column("collection_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("views", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_viewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(image_id IS NULL) <> (collection_id IS NULL)", name=op.f("ck_share_links_one_target")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_share_links_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_share_links_user_id_users"), ondelete="CASCADE"
        ),
        to_collection("share_links"),
        to_image("share_links"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_share_links")),
    )
    op.create_index("ix_share_links_hash", "share_links", ["token_hash"])
    op.create_index("ix_share_links_user", "share_links", ["organization_id", "user_id", sa.literal_column("id DESC")])
    for target in ("image", "collection"):
        op.create_index(
            f"ix_share_links_{target}",
            "share_links",
            ["organization_id", f"{target}_id"],
            postgresql_where=sa.text(f"{target}_id IS NOT NULL"),
        )


def to_collection(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "collection_id"],
        ["collections.organization_id", "collections.id"],
        name=op.f(f"fk_{table}_organization_id_collection_id_collections"),
        ondelete="CASCADE",
    )


def to_image(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "image_id"],
        ["images.organization_id", "images.id"],
        name=op.f(f"fk_{table}_organization_id_image_id_images"),
        ondelete="CASCADE",
    )


def secure_rows() -> None:
    for table, rights in {
        "collections": "SELECT, INSERT, UPDATE, DELETE",
        "collection_images": "SELECT, INSERT, UPDATE, DELETE",
        "share_links": "SELECT, INSERT, UPDATE",
    }.items():
        op.execute(f"GRANT {rights} ON {table} TO {APP_ROLE}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
        )
    # Whoever presents a link may see that link's row, to learn whose it is.
    op.execute(f"CREATE POLICY bearer ON share_links FOR SELECT TO {APP_ROLE} USING (token_hash = {THIS_CREDENTIAL})")
    op.execute(f"REVOKE EXECUTE ON FUNCTION find_images({NEW_ARGUMENTS}) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION find_images({NEW_ARGUMENTS}) TO {APP_ROLE}")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION find_images({NEW_ARGUMENTS})")
    op.drop_table("share_links")
    op.drop_table("collection_images")
    op.drop_table("collections")
    before = importlib.import_module("app.db.migrations.versions.0009_gallery_search")
    op.execute(before.FIND_IMAGES)
    op.execute(f"REVOKE EXECUTE ON FUNCTION find_images({OLD_ARGUMENTS}) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION find_images({OLD_ARGUMENTS}) TO {APP_ROLE}")
