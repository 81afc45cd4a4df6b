"""The truth: rows in SQL, image bytes as blobs by sha256. Nothing else in the project speaks SQL."""

from index.store.place import Place
from index.store.records import (
    Action,
    Brand,
    Change,
    Claim,
    Difference,
    Held,
    Inspection,
    Negative,
    NegativeKind,
    Receipt,
    Reference,
    Restoration,
    ScoreSet,
    SetVersion,
    Snapshot,
    Standing,
    StandingName,
)
from index.store.schema import Migrated
from index.store.store import Store, migrate
from index.store.tenants import OPERATOR, SCOPES, Actor, ApiKey, AuditLine, Grant, Organisation, Scope, acting

__all__ = [
    "OPERATOR",
    "SCOPES",
    "Action",
    "Actor",
    "ApiKey",
    "AuditLine",
    "Brand",
    "Change",
    "Claim",
    "Difference",
    "Grant",
    "Held",
    "Inspection",
    "Migrated",
    "Negative",
    "NegativeKind",
    "Organisation",
    "Place",
    "Receipt",
    "Reference",
    "Restoration",
    "Scope",
    "ScoreSet",
    "SetVersion",
    "Snapshot",
    "Standing",
    "StandingName",
    "Store",
    "acting",
    "migrate",
]
