"""References are described, uploads may be jobs, and what people found of inspections is kept."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
DESCRIBED = ("product_line", "sku", "view", "kind", "region")


def upgrade() -> None:
    """From schema version 5 to 6."""
    for table in ("brand_references", "former_references"):
        for name in DESCRIBED:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))
    op.add_column("inspections", sa.Column("fingerprints", sa.Text(), nullable=True))
    _make_jobs()
    _make_files()
    _make_reviews()
    op.execute("UPDATE store_state SET schema_version = 6")


def _make_jobs() -> None:
    op.create_table(
        "upload_jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("accept", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=True),
        sa.Column("request", sa.String(64), nullable=True),
        sa.Column("worker", sa.String(32), nullable=True),
        sa.Column("held_until", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished", sa.DateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
    )
    for column in ("brand", "state"):
        op.create_index(f"ix_upload_jobs_{column}", "upload_jobs", [column])


def _make_files() -> None:
    op.create_table(
        "upload_files",
        sa.Column("job", sa.String(32), sa.ForeignKey("upload_jobs.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in DESCRIBED),
        sa.Column("look", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("status", sa.String(32), nullable=True),
    )
    op.create_index("ix_upload_files_sha256", "upload_files", ["sha256"])


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("inspection", sa.String(64), sa.ForeignKey("inspections.id"), primary_key=True),
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), nullable=False),
        sa.Column("finding", sa.String(16), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_reviews_brand", "reviews", ["brand"])
