"""Brands may have genuine scores of their own."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")


def upgrade() -> None:
    """From schema version 1 to 2."""
    op.create_table(
        "genuine_scores",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("source", sa.String(16), primary_key=True),
        sa.Column("scorer", sa.String(64), nullable=False),
        sa.Column("made_from", sa.String(64), nullable=False),
        sa.Column("photographs", sa.Integer(), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    op.execute("UPDATE store_state SET schema_version = 2")
