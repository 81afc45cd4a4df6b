"""The tables, as one schema for SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from index.metadata import FIELDS
from index.store.tenants import OPERATOR

SCHEMA_VERSION = 10  # the number of the last revision under `migrations`, which says how the one before becomes this

# PostgreSQL would order names by its locale; brands and references have one order everywhere, that of their bytes.
_BRAND = String(64).with_variant(String(64, collation="C"), "postgresql")
_ID = String(16).with_variant(String(16, collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones, so it is kept without and given back with one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Any zone -> UTC without a zone."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC without a zone -> with it."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

state = Table(
    "store_state",  # one row; writers lock it first, so that there is one at a time
    metadata,
    Column("row", Integer, primary_key=True),  # always 1
    Column("store_id", String(32), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # of brands, references and scores; grows with every change
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", _BRAND, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created", UtcDateTime, nullable=False),
)


def _owner(index: bool = False) -> Column[str]:
    """The organisation that a row belongs to. Organisations are never removed."""
    return Column("organisation", _BRAND, nullable=False, server_default=OPERATOR, index=index)


brands = Table(
    "brands",
    metadata,
    Column("id", _BRAND, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    _owner(index=True),
)


def described() -> list[Column[Any]]:
    """What a photo's owner says of it."""
    return [*(Column(name, Text, nullable=True) for name in FIELDS)]


def _photo() -> list[Column[Any]]:
    """What is known of a reference photo, and in which version of its brand's set it joined."""
    return [
        Column("sha256", String(64), nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("format", String(16), nullable=False),
        Column("width", Integer, nullable=False),
        Column("height", Integer, nullable=False),
        Column("fingerprint", String(16), nullable=False),  # hex: 64 unsigned bits fit no SQL integer
        Column("sharpness", Float, nullable=False),
        Column("added", UtcDateTime, nullable=False),
        Column("position", Integer, nullable=False),  # among those of its brand, in the order added
        Column("since", Integer, nullable=False),
        *described(),
    ]


references = Table(
    "brand_references",  # the sets as they are
    metadata,
    Column("brand", _BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("id", _ID, primary_key=True),
    *_photo(),
    UniqueConstraint("brand", "sha256"),
)

former = Table(
    "former_references",  # what sets held from version `since` on and, from version `until` on, no more
    metadata,
    Column("brand", _BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("id", _ID, primary_key=True),
    *_photo(),
    Column("until", Integer, primary_key=True, autoincrement=False),
    Column("withdrawn", Boolean, nullable=False),  # for good: its photo is not kept for this row
)

set_versions = Table(
    "set_versions",
    metadata,
    Column("brand", _BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # of the store, when the set changed
    Column("created", UtcDateTime, nullable=False),
    Column("action", String(16), nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("held", Integer, nullable=False),  # references in the set from here on
    Column("restored", Integer, nullable=True),  # version that it was restored to
)

inspections = Table(
    "inspections",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created", UtcDateTime, nullable=False, index=True),
    Column("listing_id", Text, nullable=True, index=True),
    Column("verdict", Text, nullable=False),
    Column("evidence_sha256", String(64), nullable=True, index=True),
    _owner(),  # of the key that it was made with
    Column("within", _BRAND, nullable=True),  # brand that the key was narrowed to
    Column("fingerprints", Text, nullable=True),  # JSON list, hex, of the photos inspected
    # As the verdict has them, to be searched by:
    Column("decision", String(16), nullable=True),
    Column("brand", _BRAND, nullable=True),
    Column("set_version", Integer, nullable=True),
    Column("arm", String(16), nullable=True),
    Index("ix_inspections_of_organisation", "organisation", "created", "id"),
    Index("ix_inspections_of_brand", "organisation", "brand", "created", "id"),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(16), primary_key=True),  # part of the key, and no secret
    Column("hash", String(64), nullable=False),
    Column("organisation", _BRAND, ForeignKey("organisations.id"), nullable=False, index=True),
    Column("scopes", Text, nullable=False),  # with spaces between
    Column("brand", _BRAND, ForeignKey("brands.id"), nullable=True),
    Column("label", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=True),
    Column("revoked", UtcDateTime, nullable=True),
    Column("replaced_by", String(16), nullable=True),
)

audit_log = Table(
    "audit_log",  # triggers refuse to change or remove its rows
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", _BRAND, ForeignKey("organisations.id"), nullable=False),
    Column("number", Integer, nullable=False),  # within the organisation, without gaps
    Column("at", UtcDateTime, nullable=False),
    Column("key", String(32), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("request", String(64), nullable=True),
    UniqueConstraint("organisation", "number"),
)

genuine_scores = Table(
    "genuine_scores",
    metadata,
    Column("brand", _BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("scorer", String(64), nullable=False),  # fingerprint of what made the scores
    Column("made_from", String(64), nullable=False),  # the brand's references, as its shard's digest names them
    Column("photographs", Integer, nullable=False),
    Column("scores", Text, nullable=False),  # JSON list, one a unit
    Column("created", UtcDateTime, nullable=False),
)

answers = Table(
    "kept_answers",  # to uploads that came with an idempotency key
    metadata,
    Column("brand", _BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("key", String(200), primary_key=True),  # as its sender chose it
    Column("request_sha256", String(64), nullable=False),
    Column("answer", Text, nullable=False),  # JSON
    Column("created", UtcDateTime, nullable=False, index=True),
)

upload_jobs = Table(
    "upload_jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("brand", _BRAND, ForeignKey("brands.id"), nullable=False, index=True),
    Column("created", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("total", Integer, nullable=False),  # files
    Column("accept", Text, nullable=False),  # doubts that the uploader knows and waives, by spaces
    Column("actor", String(64), nullable=True),  # whose key it came with
    Column("request", String(64), nullable=True),  # and in which request
    Column("worker", String(32), nullable=True),  # that works on it
    Column("held_until", UtcDateTime, nullable=True),  # its worker is taken for dead after
    Column("attempts", Integer, nullable=False),  # begun so often
    Column("finished", UtcDateTime, nullable=True),
    Column("version", Integer, nullable=True),  # of the store, holding what was accepted
    Column("fault", Text, nullable=True),  # why it failed, in words
)

upload_files = Table(
    "upload_files",
    metadata,
    Column("job", String(32), ForeignKey("upload_jobs.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=True, index=True),  # NULL: it was refused unread
    *described(),
    Column("look", Text, nullable=True),  # JSON, once it was looked at
    Column("result", Text, nullable=True),  # JSON, once it is decided; the photo is not kept for this row from then on
    Column("status", String(32), nullable=True),
)

reviews = Table(
    "reviews",  # what people found of inspections
    metadata,
    Column("inspection", String(64), ForeignKey("inspections.id"), primary_key=True),
    Column("brand", _BRAND, ForeignKey("brands.id"), nullable=False, index=True),
    Column("finding", String(16), nullable=False),
    Column("created", UtcDateTime, nullable=False),
)
