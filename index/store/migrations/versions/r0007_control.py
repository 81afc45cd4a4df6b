"""References may be off, look-alikes known, matches counted."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """To schema version 7."""
    _make_standings()
    _make_negatives()
    op.execute("UPDATE store_state SET schema_version = 7")


def _make_standings() -> None:
    op.create_table(
        "reference_standings",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_table(
        "reference_matches",
        sa.Column("hour", sa.DateTime(), primary_key=True),
        sa.Column("brand", BRAND, primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("inspections", sa.Integer(), nullable=False),
    )


def _make_negatives() -> None:
    op.create_table(
        "negative_references",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("sharpness", sa.Float(), nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_negative_references_sha256", "negative_references", ["sha256"])
