"""Sets are rolled out, and inspections are found by what was decided."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008", "0007"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
FOUND_BY = {"sqlite": "json_extract(verdict, '$.{}')", "postgresql": "verdict::json->>'{}'"}


def upgrade() -> None:
    """To schema version 8."""
    _make_rollouts()
    _make_counts()
    _find_inspections_by_what_was_decided()
    op.execute("UPDATE store_state SET schema_version = 8")


def _make_rollouts() -> None:
    op.create_table(
        "rollouts",
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), primary_key=True),
        sa.Column("begun", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("baseline", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
    )


def _make_counts() -> None:
    op.create_table(
        "rollout_counts",
        sa.Column("brand", BRAND, primary_key=True),
        sa.Column("begun", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("organisation", BRAND, primary_key=True),
        sa.Column("arm", sa.String(16), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("listings", sa.Integer(), nullable=False),
        sa.Column("recognised", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("undecided", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["brand", "begun"], ["rollouts.brand", "rollouts.begun"]),
    )


def _find_inspections_by_what_was_decided() -> None:
    op.add_column("inspections", sa.Column("decision", sa.String(16), nullable=True))
    op.add_column("inspections", sa.Column("brand", BRAND, nullable=True))
    op.add_column("inspections", sa.Column("set_version", sa.Integer(), nullable=True))
    op.add_column("inspections", sa.Column("arm", sa.String(16), nullable=True))
    said = FOUND_BY[op.get_bind().dialect.name]
    op.execute(f"UPDATE inspections SET decision = {said.format('decision')}, brand = {said.format('brand')}")
    op.create_index("ix_inspections_of_organisation", "inspections", ["organisation", "created", "id"])
