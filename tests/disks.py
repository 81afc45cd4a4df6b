"""Disks that fail: small ones that run full, and that turn read-only. Real ones, where the system lets us mount."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_S = 30


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own at `folder`; skips where none can be mounted."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=PATIENCE_S)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """A disk on which no file can be opened for writing for a while; those that are open stay so."""
    _mount("--bind", str(disk), str(disk))
    try:
        _mount("-o", "remount,ro,bind", str(disk))
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=PATIENCE_S)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """A disk on which there is no byte left for a while."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            _fill(file.fileno(), size)
    try:
        yield
    finally:
        filler.unlink()


def _fill(descriptor: int, size: int) -> None:
    for _ in range(100_000):
        try:
            os.write(descriptor, b"\0" * size)
        except OSError as fault:
            if fault.errno == errno.ENOSPC:
                return
            raise
    raise AssertionError("this disk is no small one")


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
