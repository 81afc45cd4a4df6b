"""References may be off, look-alikes known, versions rolled out by a share, matches counted, photos kept a while."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0007", "0006"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """To schema version 7."""
    _make_standings()
    _make_negatives()
    _make_rollouts()
    _make_kept()
    _make_rescans()
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


def _make_rollouts() -> None:
    op.create_table(
        "rollouts",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("baseline", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
    )


def _make_kept() -> None:
    op.create_table(
        "kept_listings",
        sa.Column("inspection", sa.String(64), sa.ForeignKey("inspections.id"), primary_key=True),
        sa.Column("brand", BRAND, nullable=True),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_kept_listings_until", "kept_listings", ["until"])
    op.create_index("ix_kept_listings_brand_decision", "kept_listings", ["brand", "decision"])
    op.create_table(
        "kept_photos",
        sa.Column("inspection", sa.String(64), sa.ForeignKey("kept_listings.inspection"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_index("ix_kept_photos_sha256", "kept_photos", ["sha256"])


def _make_rescans() -> None:
    op.create_table(
        "rescans",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.DateTime(), nullable=True),
    )
    op.create_index("ix_rescans_brand", "rescans", ["brand"])
    op.create_table(
        "rescan_changes",
        sa.Column("rescan", sa.String(36), sa.ForeignKey("rescans.id"), primary_key=True),
        sa.Column("inspection", sa.String(64), primary_key=True),
        sa.Column("listing_id", sa.Text(), nullable=True),
        sa.Column("old_decision", sa.String(16), nullable=False),
        sa.Column("old_brand", BRAND, nullable=True),
        sa.Column("old_score", sa.Float(), nullable=True),
        sa.Column("new_decision", sa.String(16), nullable=False),
        sa.Column("new_brand", BRAND, nullable=True),
        sa.Column("new_score", sa.Float(), nullable=True),
        sa.Column("gallery_version", sa.Text(), nullable=False),
    )
