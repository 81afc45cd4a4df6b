"""Orders of rescans: written with the change that makes one necessary. Statements on one connection."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from index.store.rescan_tables import kept_candidates, rescans


def order(connection: Connection, brand: str, version: int, cause: str) -> None:
    """Have listings looked at again once a gallery has this version, if any are kept that the brand may concern.

    One that waits already waits for this version too. In the transaction of the change itself, so that none is lost.
    """
    concerned = select(kept_candidates.c.brand).where(kept_candidates.c.brand == brand).limit(1)
    if connection.execute(concerned).first() is None:
        return
    waiting = update(rescans).where(rescans.c.brand == brand, rescans.c.state == "waiting")
    if connection.execute(waiting.values(version=version, cause=cause)).rowcount == 0:
        row = {"id": uuid4().hex, "brand": brand, "version": version, "cause": cause, "created": datetime.now(UTC)}
        connection.execute(insert(rescans).values(row | {"state": "waiting", "attempts": 0}))
