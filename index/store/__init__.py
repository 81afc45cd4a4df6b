"""The truth: rows in SQL, image bytes as blobs by sha256. Nothing else in the project speaks SQL."""

from index.store.place import Place
from index.store.records import (
    Action,
    ApiKey,
    Brand,
    Change,
    Claim,
    Difference,
    Held,
    Inspection,
    Receipt,
    Reference,
    Restoration,
    Role,
    ScoreSet,
    SetVersion,
    Snapshot,
)
from index.store.schema import Migrated
from index.store.store import Store, migrate

__all__ = [
    "Action",
    "ApiKey",
    "Brand",
    "Change",
    "Claim",
    "Difference",
    "Held",
    "Inspection",
    "Migrated",
    "Place",
    "Receipt",
    "Reference",
    "Restoration",
    "Role",
    "ScoreSet",
    "SetVersion",
    "Snapshot",
    "Store",
    "migrate",
]
