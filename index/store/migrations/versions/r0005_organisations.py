"""Brands and inspections belong to organisations, keys have scopes and an end, and changes are on record for good."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"

BRAND = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
ORGANISATION = BRAND

# What the keys of then could do, in scopes. A brand's key stays narrowed to its brand.
SCOPES = {
    "admin": "operator",
    "pipeline": "inspect review inspect:all evidence:all",
    "brand": "references:read references:write",
}


def upgrade() -> None:
    """From schema version 4 to 5. What is there becomes the operator's."""
    organisations = op.create_table(
        "organisations",
        sa.Column("id", ORGANISATION, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    op.execute(organisations.insert().values(id="operator", name="Operator", created=now))
    op.add_column("brands", _owner())
    op.add_column("inspections", _owner())
    op.add_column("inspections", sa.Column("within", BRAND, nullable=True))
    op.create_index("ix_brands_organisation", "brands", ["organisation"])
    _make_keys()
    _make_log()
    op.execute("UPDATE store_state SET schema_version = 5")


def _owner() -> sa.Column[str]:
    """Without a foreign key, which SQLite does not add to a table that is there; organisations are never removed."""
    return sa.Column("organisation", ORGANISATION, nullable=False, server_default="operator")


def _make_keys() -> None:
    keys = op.create_table(
        "access_keys",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("organisation", ORGANISATION, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("brand", BRAND, sa.ForeignKey("brands.id"), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=True),
        sa.Column("revoked", sa.DateTime(), nullable=True),
        sa.Column("replaced_by", sa.String(16), nullable=True),
    )
    op.create_index("ix_access_keys_organisation", "access_keys", ["organisation"])
    old = sa.table("api_keys", *(sa.column(name) for name in ("hash", "role", "brand", "label")))
    query = sa.select(old, sa.column("created", sa.DateTime())).select_from(old)
    found = op.get_bind().execute(query).mappings().all()
    if found:
        op.bulk_insert(keys, [_key(dict(row)) for row in found])
    op.drop_table("api_keys")


def _key(row: dict[str, object]) -> dict[str, object]:
    scopes = SCOPES[str(row.pop("role"))]
    return row | {"id": str(row["hash"])[:16], "organisation": "operator", "scopes": scopes}


def _make_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("organisation", ORGANISATION, sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("request", sa.String(64), nullable=True),
        sa.UniqueConstraint("organisation", "number"),
    )
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgresql
    guard()


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()"
    )
