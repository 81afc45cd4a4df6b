"""Disk: what the operating system says of it, told by the names of our errors; and locks."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from vision.errors import StorageFull, StorageReadOnly, StoreDamaged, StoreUnavailable, TouchstoneError

_KINDS: dict[int, type[TouchstoneError]] = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EFBIG: StorageFull,
    errno.EROFS: StorageReadOnly,
    errno.EACCES: StorageReadOnly,
    errno.EPERM: StorageReadOnly,
    errno.EIO: StoreUnavailable,
}
MESSAGES: dict[type[TouchstoneError], str] = {
    StorageFull: "there is no room left to store anything; what was acknowledged is kept. Free space, then try again",
    StorageReadOnly: "the store cannot be written; what was acknowledged is kept. Make it writable, then try again",
    StoreUnavailable: "the store does not answer; this was not acknowledged. See that it runs, then try again",
    StoreDamaged: "the store's database is damaged; restore it from a backup",
}


@contextmanager
def named() -> Iterator[None]:
    """Raise faults of the disk as `StorageFull`, `StorageReadOnly`, `StoreUnavailable`; others go on as they are.

    Also a decorator. Callers are told nothing of where the store is; that stands in a note, for whoever runs the
    program.
    """
    try:
        yield
    except OSError as fault:
        kind = _KINDS.get(fault.errno or 0)
        if kind is None:
            raise
        tell(kind, fault, fault)


def tell(kind: type[TouchstoneError], fault: Exception, said: object) -> NoReturn:
    """Raise `kind` for a fault, with what was said of it as a note."""
    told = kind(MESSAGES[kind])
    told.add_note(str(said).strip())
    raise told from fault


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of a file or folder that is there; whoever else would, in whatever process, waits.

    It falls with its holder, so that one that is killed locks nobody out. A read-only disk allows it too.
    """
    opened = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(opened, fcntl.LOCK_UN)  # closing would do, but for a child that was forked meanwhile
        os.close(opened)
