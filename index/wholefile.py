"""Files that are there whole, durable, or not at all. Errors: as `disk.named` tells them."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from index import disk


def write(path: Path, data: bytes) -> None:
    """Put bytes at `path`, durable when this returns; a reader sees the old file or the new one."""
    write_unsynced(path, data)
    sync_folder(path.parent)


@disk.named()
def write_unsynced(path: Path, data: bytes) -> None:
    """The same, but for the folder's entry: `sync_folder` once after many."""
    temporary = path.parent / f".{uuid4().hex}"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # half a file on a full disk would keep it full
        raise


@disk.named()
def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable: a rename or removal only is after this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@disk.named()
def sync(path: Path) -> None:
    """Make what a file holds durable, whoever wrote it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
