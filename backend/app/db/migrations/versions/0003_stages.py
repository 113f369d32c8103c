"""What a running job waits for.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("image_jobs", sa.Column("stage", sa.String(32), server_default="generating", nullable=False))
    op.create_check_constraint(op.f("ck_image_jobs_jobstage"), "image_jobs", "stage IN ('loading', 'generating')")


def downgrade() -> None:
    op.drop_column("image_jobs", "stage")
