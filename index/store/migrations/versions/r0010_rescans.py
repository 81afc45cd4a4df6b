"""Listings are kept for a while, and looked at again when a set changes."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0010", "0009"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")


def upgrade() -> None:
    """To schema version 10."""
    _make_listings()
    _make_photos()
    _make_rescans()
    _make_revisions()
    op.execute("UPDATE store_state SET schema_version = 10")


def _make_listings() -> None:
    op.create_table(
        "kept_listings",
        sa.Column("inspection", sa.String(64), sa.ForeignKey("inspections.id"), primary_key=True),
        sa.Column("organisation", BRAND, nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("every_brand", sa.Boolean(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("judged_by", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("brand", BRAND, nullable=True),
    )
    op.create_index("ix_kept_listings_until", "kept_listings", ["until"])
    op.create_index("ix_kept_listings_oldest", "kept_listings", ["organisation", "created"])
    op.create_table(
        "kept_bytes",
        sa.Column("organisation", BRAND, primary_key=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
    )


def _make_photos() -> None:
    op.create_table(
        "kept_photos",
        sa.Column("inspection", sa.String(64), sa.ForeignKey("kept_listings.inspection"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
    )
    op.create_index("ix_kept_photos_sha256", "kept_photos", ["sha256"])
    op.create_table(
        "kept_candidates",
        sa.Column("brand", BRAND, primary_key=True),
        sa.Column("inspection", sa.String(64), sa.ForeignKey("kept_listings.inspection"), primary_key=True),
    )
    op.create_index("ix_kept_candidates_inspection", "kept_candidates", ["inspection"])


def _make_rescans() -> None:
    op.create_table(
        "rescans",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("worker", sa.String(32), nullable=True),
        sa.Column("held_until", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished", sa.DateTime(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
    )
    for column in ("brand", "state"):
        op.create_index(f"ix_rescans_{column}", "rescans", [column])


def _make_revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("inspection", sa.String(64), sa.ForeignKey("inspections.id"), nullable=False),
        sa.Column("rescan", sa.String(32), sa.ForeignKey("rescans.id"), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("organisation", BRAND, nullable=False),
        sa.Column("within", BRAND, nullable=True),
        sa.Column("old_decision", sa.String(16), nullable=False),
        sa.Column("old_brand", BRAND, nullable=True),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("brand", BRAND, nullable=True),
        sa.Column("set_version", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
    )
    op.create_index("ix_revisions_inspection", "revisions", ["inspection"])
    op.create_index("ix_revisions_of_organisation", "revisions", ["organisation", "number"])
