"""Brands, references, inspections and keys."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables of schema version 1."""
    _make_state()
    op.create_table(
        "brands",
        sa.Column("id", BRAND, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    _make_references()
    _make_inspections()
    op.create_table(
        "api_keys",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )


def _make_state() -> None:
    table = op.create_table(
        "store_state",
        sa.Column("row", sa.Integer(), primary_key=True),
        sa.Column("store_id", sa.String(32), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.execute(table.insert().values(row=1, store_id=uuid4().hex, schema_version=1, version=0))


def _make_references() -> None:
    op.create_table(
        "brand_references",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("id", ID, primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("sharpness", sa.Float(), nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.UniqueConstraint("brand", "sha256"),
    )
    op.create_index("ix_brand_references_sha256", "brand_references", ["sha256"])


def _make_inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("evidence_sha256", sa.String(64), nullable=True),
    )
    for column in ("created", "listing_id", "evidence_sha256"):
        op.create_index(f"ix_inspections_{column}", "inspections", [column])
