"""The truth: rows in SQL, image bytes as blobs by sha256. Nothing else in the project speaks SQL."""

from index.store.records import ApiKey, Brand, Change, Inspection, Reference, Role, ScoreSet, Snapshot
from index.store.store import Store

__all__ = ["ApiKey", "Brand", "Change", "Inspection", "Reference", "Role", "ScoreSet", "Snapshot", "Store"]
