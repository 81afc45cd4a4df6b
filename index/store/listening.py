"""Hearing of changes that other processes make: PostgreSQL tells at once, SQLite is asked now and then."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Connection, text

from index.store.database import Database

_LOG = logging.getLogger(__name__)
_CHANNEL = "touchstone_changed"
_LOOK_S = 1.0  # how often a listener looks whether it should stop
_AGAIN_S = 5.0  # until a listener whose database went away tries again


def tell(connection: Connection) -> None:
    """Let every listener know once this transaction is committed; nothing where the database cannot."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {_CHANNEL}"))


class Listener:
    """One thread that calls `heard` soon after any process changed the store. Polling remains the safety net."""

    def __init__(self, database: Database, heard: Callable[[], None]) -> None:
        self._database, self._heard = database, heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; on SQLite nobody tells."""
        if not self._database.is_sqlite:
            self._thread.start()

    def stop(self) -> None:
        """End within about a second."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except Exception as fault:  # also the driver's own, when the database goes away
                _LOG.warning("changes of other processes are found by polling only, for now: %s", fault)
                self._stopping.wait(_AGAIN_S)

    def _listen(self) -> None:
        with self._database.listening(_CHANNEL) as notices:
            self._heard()  # of what was told while nobody listened
            while not self._stopping.is_set():
                if notices(_LOOK_S):
                    self._heard()
