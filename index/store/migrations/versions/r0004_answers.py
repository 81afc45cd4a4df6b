"""Answers are kept under the keys that requests came with, so that a request sent again is not done again."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0004", "0003"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")


def upgrade() -> None:
    """From schema version 3 to 4."""
    op.create_table(
        "kept_answers",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_kept_answers_created", "kept_answers", ["created"])
    op.execute("UPDATE store_state SET schema_version = 4")
