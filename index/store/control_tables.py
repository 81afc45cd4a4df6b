"""The tables of a brand's control over its references: what is off, what is a look-alike, what is rolled out, what is
counted, and what is kept to be looked at again.
"""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from index.store.tables import UtcDateTime, brands, metadata, references

BRAND, ID = brands.c.id.type, references.c.id.type

standings = Table(
    "reference_standings",  # of those that are off, and why; and of those that the match budget leaves alone
    metadata,
    Column("brand", BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("standing", String(16), nullable=False),  # off | quarantined | vouched
    Column("since", UtcDateTime, nullable=False),
    Column("detail", Text, nullable=False),  # words for a person
)

negatives = Table(
    "negative_references",
    metadata,
    Column("brand", BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # licensed | former | parody | other_owner
    Column("name", Text, nullable=False),
    Column("format", String(16), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("fingerprint", String(16), nullable=False),
    Column("sharpness", Float, nullable=False),
    Column("added", UtcDateTime, nullable=False),
    Column("position", Integer, nullable=False),
)

rollouts = Table(
    "rollouts",  # sets that a share of listings only is judged by
    metadata,
    Column("brand", BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("baseline", Integer, nullable=False),  # version of the set that judges the other listings
    Column("share", Float, nullable=False),  # of listings judged by the set as it is, 0..1
    Column("seed", Integer, nullable=False),
    Column("started", UtcDateTime, nullable=False),
)

matches = Table(
    "reference_matches",  # inspections by the hour: all, without a brand and id; and where a reference was nearest
    metadata,
    Column("hour", UtcDateTime, primary_key=True),
    Column("brand", BRAND, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("inspections", Integer, nullable=False),
)

kept_listings = Table(
    "kept_listings",  # inspections whose photos are kept for a while, to be looked at again
    metadata,
    Column("inspection", String(64), ForeignKey("inspections.id"), primary_key=True),
    Column("brand", BRAND, nullable=True),  # that was recognised
    Column("decision", String(16), nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
    Index("ix_kept_listings_brand_decision", "brand", "decision"),
)

kept_photos = Table(
    "kept_photos",
    metadata,
    Column("inspection", String(64), ForeignKey("kept_listings.inspection"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),  # among the photos that were readable
    Column("sha256", String(64), nullable=False, index=True),
)

rescans = Table(
    "rescans",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("brand", BRAND, ForeignKey("brands.id"), nullable=False, index=True),
    Column("created", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | running | done
    Column("after", String(64), nullable=False),  # the inspection looked at last; they are taken by id
    Column("looked_at", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("held_until", UtcDateTime, nullable=True),  # by the process that works on it
)

rescan_changes = Table(
    "rescan_changes",
    metadata,
    Column("rescan", String(36), ForeignKey("rescans.id"), primary_key=True),
    Column("inspection", String(64), primary_key=True),
    Column("listing_id", Text, nullable=True),
    Column("old_decision", String(16), nullable=False),
    Column("old_brand", BRAND, nullable=True),
    Column("old_score", Float, nullable=True),
    Column("new_decision", String(16), nullable=False),
    Column("new_brand", BRAND, nullable=True),
    Column("new_score", Float, nullable=True),
    Column("gallery_version", Text, nullable=False),
)
