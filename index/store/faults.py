"""Faults of disks and databases, told by their names. What is no such fault goes on as it is."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from vision.errors import StorageFull, StorageReadOnly, StoreDamaged, StoreUnavailable, TouchstoneError

_DISK: dict[int, type[TouchstoneError]] = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EFBIG: StorageFull,
    errno.EROFS: StorageReadOnly,
    errno.EACCES: StorageReadOnly,
    errno.EPERM: StorageReadOnly,
    errno.EIO: StoreUnavailable,
}
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
_MESSAGES: dict[type[TouchstoneError], str] = {
    StorageFull: "there is no room left to store anything; what was acknowledged is kept. Free space, then try again",
    StorageReadOnly: "the store cannot be written; what was acknowledged is kept. Make it writable, then try again",
    StoreUnavailable: "the store does not answer; this was not acknowledged. Try again; see that its database runs",
    StoreDamaged: "the store's database is damaged; restore it from a backup",
}


@contextmanager
def named() -> Iterator[None]:
    """Raise faults of the disk or the database as `StorageFull`, `StorageReadOnly`, `StoreUnavailable`, `StoreDamaged`.

    Callers are told nothing of where the store is; that stands in a note, for whoever runs the program.
    """
    try:
        yield
    except OSError as fault:
        _raise(_DISK.get(fault.errno or 0), fault)
    except PoolTimeout as fault:
        _raise(StoreUnavailable, fault)
    except DBAPIError as fault:
        _raise(_kind_of(fault), fault)


def _kind_of(fault: DBAPIError) -> type[TouchstoneError] | None:
    if isinstance(fault.orig, sqlite3.Error):
        return _SQLITE.get(getattr(fault.orig, "sqlite_errorcode", -1) & 0xFF)  # the rest of its bits are details
    state = getattr(fault.orig, "sqlstate", None)
    if state is None:  # no server answered
        return StoreUnavailable if isinstance(fault, OperationalError | InterfaceError) else None
    return next((kind for prefix, kind in _POSTGRESQL.items() if state.startswith(prefix)), None)


def _raise(kind: type[TouchstoneError] | None, fault: Exception) -> NoReturn:
    if kind is None:
        raise fault
    told = kind(_MESSAGES[kind])
    told.add_note(str(getattr(fault, "orig", None) or fault).strip())
    raise told from fault
