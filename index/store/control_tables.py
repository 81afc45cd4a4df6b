"""The tables of a brand's control over its references: what is off, a look-alike, counted, rolled out."""

from sqlalchemy import Column, Float, ForeignKey, ForeignKeyConstraint, Integer, String, Table, Text

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

rollouts = Table(
    "rollouts",  # those under way, and those that are over
    metadata,
    Column("brand", BRAND, ForeignKey("brands.id"), primary_key=True),
    Column("begun", Integer, primary_key=True, autoincrement=False),  # version of the store
    Column("baseline", Integer, nullable=False),  # version of the set
    Column("share", Float, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("ended", Integer, nullable=True),  # version of the store
    Column("outcome", String(16), nullable=True),  # promoted | abandoned
)

rollout_counts = Table(
    "rollout_counts",  # of listings that a brand under roll-out was looked for in, by who inspected and what answered
    metadata,
    Column("brand", BRAND, primary_key=True),
    Column("begun", Integer, primary_key=True, autoincrement=False),
    Column("organisation", BRAND, primary_key=True),
    Column("arm", String(16), primary_key=True),  # candidate | baseline
    Column("version", Integer, primary_key=True, autoincrement=False),  # of the set
    *(Column(name, Integer, nullable=False) for name in ("listings", "recognised", "flagged", "undecided")),
    ForeignKeyConstraint(["brand", "begun"], ["rollouts.brand", "rollouts.begun"]),
)
