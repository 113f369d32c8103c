"""Search, tags and deletion that can be undone.

Revision: 0009
Follows: 0008

Neither `@@` nor LIKE is leakproof, so under a policy PostgreSQL may not use their indexes: a search would read every row
of the organisation. `find_images` therefore runs as the tables' owner, past the policies, and holds the organisation
and the person itself. It takes both from the transaction's settings, never from its caller, and gives back ids only:
the rows are then read under the policies as any others.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db.roles import APP_ROLE, ENGINE_ROLE

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

THIS_ORGANIZATION = "(SELECT NULLIF(current_setting('app.organization_id', true), '')::uuid)"

# What one index answers for: the prompt's words, the organisation ("@…") and the tags ("#…"). Words never begin with
# either mark. With the organisation among them a search reads no other organisation's entries.
IMAGE_LEXEMES = """
CREATE FUNCTION image_lexemes(organization_id uuid, prompt text, tags text[]) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('pg_catalog.simple', prompt)
    || array_to_tsvector(ARRAY['@' || organization_id::text] || ARRAY(SELECT '#' || tag FROM unnest(tags) AS tag))
"""

# Sorted, so that two jobs that bring the same new words don't wait for each other in a circle.
LEARN_WORDS = """
CREATE FUNCTION learn_image_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO image_words (organization_id, word)
    SELECT DISTINCT fresh.organization_id, lexeme FROM fresh, unnest(to_tsvector('pg_catalog.simple', fresh.prompt))
    WHERE length(lexeme) <= 64
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""

# Each word stands for itself and for what begins with it. One that nobody has used yet stands for those most like it,
# so that a slip of the finger still finds something.
IMAGE_QUERY = """
CREATE FUNCTION image_query(organization uuid, words text, tag text) RETURNS tsquery
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    terms text[];
    lexeme text;
    similar_words text[];
BEGIN
    FOR lexeme IN SELECT parsed.lexeme FROM unnest(to_tsvector('pg_catalog.simple', words)) AS parsed LOOP
        IF NOT EXISTS (
            SELECT FROM image_words AS known
            WHERE known.organization_id = organization
                AND known.word >= lexeme COLLATE "C" AND known.word < (lexeme || chr(1114109)) COLLATE "C"
        ) THEN
            similar_words := ARRAY(
                SELECT quote_lexeme(known.word) FROM image_words AS known
                WHERE known.organization_id = organization
                    AND length(known.word) BETWEEN length(lexeme) - 2 AND length(lexeme) + 2
                    AND similarity(known.word, lexeme) >= 0.25
                ORDER BY similarity(known.word, lexeme) DESC, known.word
                LIMIT 4
            );
        ELSE
            similar_words := NULL;
        END IF;
        terms := terms || CASE
            WHEN cardinality(similar_words) > 0 THEN '(' || array_to_string(similar_words, ' | ') || ')'
            ELSE quote_lexeme(lexeme) || ':*'
        END;
    END LOOP;
    IF tag IS NOT NULL THEN
        terms := terms || quote_lexeme('#' || tag);
    END IF;
    IF terms IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN array_to_string(quote_lexeme('@' || organization::text) || terms, ' & ')::tsquery;
END $$
"""

QUOTE_LEXEME = r"""
CREATE FUNCTION quote_lexeme(lexeme text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || ''''
"""

# The parts that `format` puts in are constants of this text; every value is a parameter. Planned for each call, so that
# a condition that is not asked for (NULL) falls away before an index is chosen.
FIND_IMAGES = r"""
CREATE FUNCTION find_images(
    words text, tag text, model text, favorite boolean, scope text, made_before timestamptz, made_after timestamptz,
    above uuid, below uuid, oldest_first boolean, up_to integer
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
    query := image_query(organization, words, tag);
    IF words ~ '\S' AND length(to_tsvector('pg_catalog.simple', words)) = 0 THEN
        -- Nothing in it is a word ("100%" has one, "%" has none): look for it as it stands.
        pattern := '%' || regexp_replace(trim(words), '([\\%_])', '\\\1', 'g') || '%';
    END IF;
    RETURN QUERY EXECUTE format(
        $find$
        SELECT image.id FROM images AS image
        WHERE image.organization_id = $1 AND image.deleted_at IS NULL AND %s %s %s
            AND ($5 IS NULL OR image.model = $5)
            AND ($6 IS NULL OR image.favorite = $6)
            AND ($7 IS NULL OR image.created_at < $7)
            AND ($8 IS NULL OR image.created_at > $8)
            AND ($9 IS NULL OR image.id > $9)
            AND ($10 IS NULL OR image.id < $10)
        ORDER BY image.id %s
        LIMIT $11
        $find$,
        CASE scope
            WHEN 'organization' THEN 'image.visibility = ''organization'''
            WHEN 'private' THEN 'image.user_id = $2 AND image.visibility = ''private'''
            ELSE 'image.user_id = $2'
        END,
        CASE WHEN query IS NULL THEN '' ELSE 'AND image.search @@ $3' END,
        CASE WHEN pattern IS NULL THEN '' ELSE 'AND image.prompt ILIKE $4' END,
        CASE WHEN oldest_first THEN 'ASC' ELSE 'DESC' END
    ) USING organization, person, query, pattern, model, favorite, made_before, made_after, above, below, up_to;
END $$
"""


def upgrade() -> None:
    # Trusted: a database's owner may make it. The embedded database has it already.
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "image_words",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_image_words_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "word", name=op.f("pk_image_words")),
    )
    for statement in (IMAGE_LEXEMES, LEARN_WORDS, QUOTE_LEXEME, IMAGE_QUERY, FIND_IMAGES):
        op.execute(statement)
    op.add_column("images", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "images",
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("image_lexemes(organization_id, prompt, tags)", persisted=True),
            nullable=True,
        ),
    )
    op.execute(
        "INSERT INTO image_words SELECT DISTINCT organization_id, lexeme "
        "FROM images, unnest(to_tsvector('pg_catalog.simple', prompt)) WHERE length(lexeme) <= 64"
    )
    op.execute(
        "CREATE TRIGGER learn_words AFTER INSERT ON images REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION learn_image_words()"
    )
    create_indexes()
    secure_rows()


def create_indexes() -> None:
    op.drop_index("ix_images_user_newest", table_name="images")
    op.drop_index("ix_images_shared_newest", table_name="images")
    op.create_index(
        "ix_images_user_newest",
        "images",
        ["organization_id", "user_id", sa.literal_column("id DESC")],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_images_shared_newest",
        "images",
        ["organization_id", sa.literal_column("id DESC")],
        postgresql_where=sa.text("visibility = 'organization' AND deleted_at IS NULL"),
    )
    op.create_index(
        "ix_images_tagged",
        "images",
        ["organization_id", "user_id"],
        postgresql_where=sa.text("deleted_at IS NULL AND tags <> '{}'"),
    )
    op.create_index("ix_images_deleted", "images", ["deleted_at"], postgresql_where=sa.text("deleted_at IS NOT NULL"))
    op.create_index(
        "ix_images_search",
        "images",
        ["search"],
        postgresql_using="gin",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def secure_rows() -> None:
    # Only the functions read the words, as their owner; the policy is there for whoever grants more one day.
    op.execute("ALTER TABLE image_words ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON image_words TO {APP_ROLE} "
        f"USING (organization_id = {THIS_ORGANIZATION}) WITH CHECK (organization_id = {THIS_ORGANIZATION})"
    )
    arguments = "text, text, text, boolean, text, timestamptz, timestamptz, uuid, uuid, boolean, integer"
    op.execute(f"REVOKE EXECUTE ON FUNCTION find_images({arguments}) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION find_images({arguments}) TO {APP_ROLE}")
    op.execute("REVOKE EXECUTE ON FUNCTION image_query(uuid, text, text), learn_image_words() FROM PUBLIC")
    # The upkeep finds what is to be removed for good; it sees no more of an image than that.
    op.execute(f"GRANT SELECT (organization_id, id, deleted_at) ON images TO {ENGINE_ROLE}")
    op.execute(f"CREATE POLICY trash ON images FOR SELECT TO {ENGINE_ROLE} USING (deleted_at IS NOT NULL)")


def downgrade() -> None:
    op.execute("DROP POLICY trash ON images")
    op.execute(f"REVOKE SELECT (organization_id, id, deleted_at) ON images FROM {ENGINE_ROLE}")
    op.execute("DELETE FROM images WHERE deleted_at IS NOT NULL")
    for index in ("search", "deleted", "tagged", "shared_newest", "user_newest"):
        op.drop_index(f"ix_images_{index}", table_name="images")
    op.create_index(
        "ix_images_shared_newest",
        "images",
        ["organization_id", sa.literal_column("id DESC")],
        postgresql_where=sa.text("visibility = 'organization'"),
    )
    op.create_index("ix_images_user_newest", "images", ["organization_id", "user_id", sa.literal_column("id DESC")])
    op.execute("DROP TRIGGER learn_words ON images")
    op.drop_column("images", "search")
    op.drop_column("images", "deleted_at")
    for function in ("find_images", "image_query", "quote_lexeme", "learn_image_words", "image_lexemes"):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("image_words")
