"""The truth: rows in SQL, image bytes as blobs by sha256. Nothing else in the project speaks SQL."""

from index.store.place import Place
from index.store.records import ApiKey, Brand, Change, Inspection, Reference, Role, ScoreSet, Snapshot
from index.store.schema import Migrated
from index.store.store import Store, migrate

__all__ = [
    "ApiKey",
    "Brand",
    "Change",
    "Inspection",
    "Migrated",
    "Place",
    "Reference",
    "Role",
    "ScoreSet",
    "Snapshot",
    "Store",
    "migrate",
]
