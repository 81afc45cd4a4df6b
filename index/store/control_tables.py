"""The tables of a brand's control over its references: what is off, what is a look-alike, what is counted."""

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text

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

matches = Table(
    "reference_matches",  # inspections by the hour: all, without a brand and id; and where a reference was nearest
    metadata,
    Column("hour", UtcDateTime, primary_key=True),
    Column("brand", BRAND, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("inspections", Integer, nullable=False),
)
