"""Answers kept under the keys that requests came with. Statements on one connection, in the caller's transaction."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from index.store.records import Claim
from index.store.tables import answers
from vision.errors import AnswerUnknown, IdempotencyKeyReused

KEPT_FOR = timedelta(days=7)


def find(connection: Connection, brand: str, claim: Claim) -> str | None:
    """What this request was answered before, if it was; `IdempotencyKeyReused` where another came with its key."""
    query = select(answers).where(answers.c.brand == brand, answers.c.key == claim.key)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.request_sha256 != claim.request_sha256:
        raise IdempotencyKeyReused(
            f"the idempotency key {claim.key[:80]!r} came with another upload before; "
            "send an upload again unchanged, or a new one with a new key"
        )
    return str(row.answer)


def kept(connection: Connection, brand: str, key: str) -> str:
    """What was answered under a key; `AnswerUnknown`."""
    query = select(answers.c.answer).where(answers.c.brand == brand, answers.c.key == key)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise AnswerUnknown(f"no upload of brand {brand!r} came with the idempotency key {key[:80]!r}, or not of late")
    return str(row.answer)


def keep(connection: Connection, brand: str, claim: Claim, answer: str) -> None:
    """Keep what a request is answered."""
    now = datetime.now(UTC)
    row = {"brand": brand, "key": claim.key, "request_sha256": claim.request_sha256, "answer": answer, "created": now}
    connection.execute(insert(answers).values(row))


def forget_old(connection: Connection) -> None:
    """Forget what nobody will ask for again."""
    connection.execute(delete(answers).where(answers.c.created < datetime.now(UTC) - KEPT_FOR))
