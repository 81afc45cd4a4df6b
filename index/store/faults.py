"""Faults of disks and databases, told by their names. What is no such fault goes on as it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from index import disk
from index.disk import tell
from vision.errors import StorageFull, StorageReadOnly, StoreDamaged, StoreUnavailable, TouchstoneError

_SQLITE: dict[int, type[TouchstoneError]] = {
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_READONLY: StorageReadOnly,
    sqlite3.SQLITE_PERM: StorageReadOnly,
    sqlite3.SQLITE_CANTOPEN: StoreUnavailable,
    sqlite3.SQLITE_IOERR: StoreUnavailable,
    sqlite3.SQLITE_BUSY: StoreUnavailable,
    sqlite3.SQLITE_LOCKED: StoreUnavailable,
    sqlite3.SQLITE_PROTOCOL: StoreUnavailable,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
}
# By SQLSTATE, the longest match first: PostgreSQL's documentation, appendix A.
_POSTGRESQL: dict[str, type[TouchstoneError]] = {
    "53100": StorageFull,
    "25006": StorageReadOnly,
    "55P03": StoreUnavailable,  # lock_timeout
    "XX001": StoreDamaged,
    "XX002": StoreDamaged,
    "08": StoreUnavailable,
    "28": StoreUnavailable,  # whoever connects is not let in
    "3D": StoreUnavailable,  # no such database
    "53": StoreUnavailable,
    "57": StoreUnavailable,
    "58": StoreUnavailable,
}


@contextmanager
def named() -> Iterator[None]:
    """`disk.named`, and raise faults of the database likewise, and as `StoreDamaged`."""
    try:
        with disk.named():
            yield
    except PoolTimeout as fault:
        tell(StoreUnavailable, fault, fault)
    except DBAPIError as fault:
        kind = _kind_of(fault)
        if kind is None:
            raise
        tell(kind, fault, fault.orig)


def _kind_of(fault: DBAPIError) -> type[TouchstoneError] | None:
    if isinstance(fault.orig, sqlite3.Error):
        return _SQLITE.get(getattr(fault.orig, "sqlite_errorcode", -1) & 0xFF)  # the rest of its bits are details
    state = getattr(fault.orig, "sqlstate", None)
    if state is None:  # no server answered
        return StoreUnavailable if isinstance(fault, OperationalError | InterfaceError) else None
    return next((kind for prefix, kind in _POSTGRESQL.items() if state.startswith(prefix)), None)
