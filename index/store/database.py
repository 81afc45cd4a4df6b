"""The database: snapshots to read, one writer at a time. What differs between databases is here and nowhere else."""

import errno
import importlib.util
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from index import disk
from index.store import faults
from index.store.tables import state
from vision.errors import ConfigurationError

_WRITES = "touchstone_writes"  # execution option of transactions that will write
_READ_ONLY = "read_only"  # of a pooled connection
_LOCK_TIMEOUT_MS = 30_000  # how long a writer waits for another
_MIGRATION_LOCK = 0x70756368  # names the lock among all that a PostgreSQL database may hold
_POSTGRESQL = {
    "connect_timeout": 5,  # seconds
    "application_name": "touchstone",
    "options": f"-c lock_timeout={_LOCK_TIMEOUT_MS}",
    # A server that is gone without a word is noticed within some 15 s.
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}


class Database:
    """A SQLite file or a PostgreSQL database. Thread safe. A commit survives a power cut once it returns."""

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._engine = _sqlite(parsed) if self.is_sqlite else _postgresql(parsed)
        # Writers lock first and then see what is there, also what was committed while they waited for the lock.
        options = {_WRITES: True} if self.is_sqlite else {"isolation_level": "READ COMMITTED"}
        self._writer = self._engine.execution_options(**options)
        self._turn = Lock()  # threads queue here, since SQLite lets whoever asks at the right moment go first

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment, however many statements it takes."""
        with faults.named(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writing transaction there is: its first act is to lock the state row."""
        with faults.named(), self._turn, self._writer.begin() as connection:
            connection.execute(select(state.c.version).with_for_update()).all()
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A transaction to change tables in; whoever else would migrate waits for its end."""
        with faults.named(), self._turn, self._writer.begin() as connection:
            if not self.is_sqlite:  # there, the transaction itself is the lock
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            yield connection

    @contextmanager
    def listening(self, channel: str) -> Iterator[Callable[[float], bool]]:
        """Of PostgreSQL: a function that waits at most so many seconds; whether anything was told on the channel."""
        with faults.named(), self._engine.connect() as connection:
            told = connection.execution_options(isolation_level="AUTOCOMMIT")
            told.execute(text(f"LISTEN {channel}"))
            driver: Any = told.connection.driver_connection
            try:
                yield lambda timeout_s: bool(list(driver.notifies(timeout=timeout_s, stop_after=1)))
            finally:
                connection.invalidate()  # else the pool would hand it on, listening

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def _parsed(url: str) -> URL:
    """The URL, its driver chosen; `ConfigurationError`, which never repeats it, since it may hold a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("the database URL cannot be read; write postgresql://user@host/database") from None
    name = {"postgres": "postgresql"}.get(parsed.get_backend_name(), parsed.get_backend_name())
    if name not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"a database of kind {name!r} cannot hold a store; use sqlite:// or postgresql://")
    if name == "sqlite":
        return parsed
    if importlib.util.find_spec("psycopg") is None:
        raise ConfigurationError(
            "PostgreSQL needs psycopg, which the base install lacks: pip install 'touchstone[postgres]'"
        )
    return parsed.set(drivername="postgresql+psycopg")


def _postgresql(url: URL) -> Engine:
    return create_engine(url, isolation_level="REPEATABLE READ", pool_pre_ping=True, connect_args=_POSTGRESQL)


def _sqlite(url: URL) -> Engine:
    if url.database is None or url.database == ":memory:":
        raise ConfigurationError("a store in memory would not last; name a file: sqlite:///folder/touchstone.sqlite")
    folder = Path(url.database).parent
    with faults.named():
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):  # SQLite would only say that it cannot open the file
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder))
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: _prepare(connection, folder))
    event.listen(engine, "connect", lambda _, entry: _note_standing(url.database, entry))
    event.listen(engine, "checkout", lambda _, entry, __: _refuse_stale(url.database, entry))
    event.listen(engine, "begin", _begin)
    return engine


def _note_standing(file: str | None, entry: ConnectionPoolEntry) -> None:
    """A file that was opened on a read-only disk stays read-only for that connection, whatever the disk becomes."""
    entry.info[_READ_ONLY] = not os.access(str(file), os.W_OK)


def _refuse_stale(file: str | None, entry: ConnectionPoolEntry) -> None:
    if entry.info.get(_READ_ONLY) and os.access(str(file), os.W_OK):
        raise DisconnectionError("opened while the disk was read-only")  # the pool opens another


def _prepare(connection: DBAPIConnection, folder: Path) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver would begin only at the first write, and reads be no snapshot
    for pragma in (f"busy_timeout={_LOCK_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    with disk.alone(folder):  # a file that two would turn to WAL at once is busy to both: SQLite does not wait there
        connection.execute("PRAGMA journal_mode=WAL")


def _begin(connection: Connection) -> None:
    # a transaction that reads first and would write then fails at once if another has written between
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "BEGIN")
