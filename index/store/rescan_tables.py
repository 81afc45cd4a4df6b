"""The tables of listings that are kept for a while, and of what a changed set makes of them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from index.store.tables import UtcDateTime, brands, inspections, metadata

BRAND, INSPECTION = brands.c.id.type, inspections.c.id.type

kept_listings = Table(
    "kept_listings",  # inspections whose photos are kept, and what stands of them
    metadata,
    Column("inspection", INSPECTION, ForeignKey("inspections.id"), primary_key=True),
    Column("organisation", BRAND, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),  # erased after
    Column("every_brand", Boolean, nullable=False),  # held against all organisations' brands
    Column("bytes", BigInteger, nullable=False),  # of its photos
    Column("judged_by", Integer, nullable=False),  # version of the store in the gallery that judged last
    Column("decision", String(16), nullable=False),  # then
    Column("brand", BRAND, nullable=True),
    Index("ix_kept_listings_oldest", "organisation", "created"),
)

kept_photos = Table(
    "kept_photos",
    metadata,
    Column("inspection", INSPECTION, ForeignKey("kept_listings.inspection"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
)

kept_candidates = Table(
    "kept_candidates",  # brands whose change may change what was decided
    metadata,
    Column("brand", BRAND, primary_key=True),
    Column("inspection", INSPECTION, ForeignKey("kept_listings.inspection"), primary_key=True, index=True),
)

kept_bytes = Table(
    "kept_bytes",  # of all listings of an organisation
    metadata,
    Column("organisation", BRAND, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

rescans = Table(
    "rescans",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("brand", BRAND, ForeignKey("brands.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),  # of the store, that has the change
    Column("cause", String(32), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False, index=True),  # waiting | running | done | failed
    Column("worker", String(32), nullable=True),
    Column("held_until", UtcDateTime, nullable=True),  # its worker is taken for dead after
    Column("attempts", Integer, nullable=False),  # begun so often
    Column("finished", UtcDateTime, nullable=True),
    Column("fault", Text, nullable=True),  # why it failed, in words
)

revisions = Table(
    "revisions",  # what a rescan decided otherwise; the inspection stays as it was answered
    metadata,
    Column("number", Integer, primary_key=True),
    Column("inspection", INSPECTION, ForeignKey("inspections.id"), nullable=False, index=True),
    Column("rescan", String(32), ForeignKey("rescans.id"), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("organisation", BRAND, nullable=False),
    Column("within", BRAND, nullable=True),
    Column("old_decision", String(16), nullable=False),
    Column("old_brand", BRAND, nullable=True),
    Column("decision", String(16), nullable=False),
    Column("brand", BRAND, nullable=True),
    Column("set_version", Integer, nullable=True),
    Column("verdict", Text, nullable=False),  # JSON
    Index("ix_revisions_of_organisation", "organisation", "number"),
)
