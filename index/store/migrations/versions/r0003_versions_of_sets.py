"""Every change of a brand's set is a version of it; what a set held before is known."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
ID = sa.String(16).with_variant(sa.String(16, collation="C"), "postgresql")


def upgrade() -> None:
    """From schema version 2 to 3."""
    op.add_column("brand_references", sa.Column("since", sa.Integer(), nullable=False, server_default="0"))
    _make_versions()
    _make_former()
    _adopt()
    op.execute("UPDATE store_state SET schema_version = 3")


def _make_versions() -> None:
    op.create_table(
        "set_versions",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
    )


def _make_former() -> None:
    op.create_table(
        "former_references",
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
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_former_references_sha256", "former_references", ["sha256"])


def _adopt() -> None:
    """The sets that are there become their brands' first versions, at the store's version of now."""
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE brand_references SET since = (SELECT version FROM store_state)"))
    adopt = (
        "INSERT INTO set_versions (brand, version, created, action, added, removed, held) "
        "SELECT brand, since, :now, 'adopted', count(*), 0, count(*) FROM brand_references GROUP BY brand, since"
    )
    now = sa.bindparam("now", datetime.now(UTC).replace(tzinfo=None), type_=sa.DateTime())
    connection.execute(sa.text(adopt).bindparams(now))
