"""Match counts: by the hour, how many inspections there were and how many each reference was nearest in."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from index.match_budget import Matched
from index.store.control_tables import matches
from index.store.database import Database
from index.store.tables import brands, references

RECENT, KEPT_FOR = timedelta(days=1), timedelta(days=8)
Key = tuple[str, str]  # brand and id of a reference
_ALL: Key = ("", "")


@dataclass(frozen=True)
class Counted:
    """What was counted of one reference that is in its set."""

    brand: str
    id: str
    matched: Matched


class MatchCounts:
    """Of one store. Whoever counts adds up first and writes now and then: what is not written is no great loss."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, inspections: int, nearest: Mapping[Key, int], now: datetime | None = None) -> None:
        """Count inspections more, and the references that were nearest in them. Forgets what is too old to matter."""
        now = now or datetime.now(UTC)
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._database.writing() as connection:
            for key, count in {_ALL: inspections, **nearest}.items():
                _add(connection, hour, key, count)
            connection.execute(delete(matches).where(matches.c.hour < now - KEPT_FOR))

    def most_matched(self, least_share: float, now: datetime | None = None) -> tuple[Counted, ...]:
        """The references nearest in more than this share of the last day's inspections, as far as sets have them."""
        now = now or datetime.now(UTC)
        with self._database.reading() as connection:
            recent = _counts(connection, now - RECENT, now)
            total = recent.get(_ALL, 0)
            many = [key for key, count in recent.items() if key != _ALL and count > least_share * total]
            enrolled = connection.execute(select(func.count()).select_from(brands)).scalar_one()
            joined = {key: _joined(connection, key) for key in many}
            return tuple(
                Counted(*key, _matched(connection, key, recent, since, int(enrolled)))
                for key, since in joined.items()
                if since is not None
            )


def _add(connection: Connection, hour: datetime, key: Key, count: int) -> None:
    this = (matches.c.hour == hour, matches.c.brand == key[0], matches.c.id == key[1])
    counted = update(matches).where(*this).values(inspections=matches.c.inspections + count)
    if connection.execute(counted).rowcount == 0:
        row = {"hour": hour, "brand": key[0], "id": key[1], "inspections": count}
        connection.execute(insert(matches).values(row))


def _counts(connection: Connection, start: datetime, end: datetime) -> Counter[Key]:
    query = select(matches.c.brand, matches.c.id, func.sum(matches.c.inspections).label("inspections"))
    query = query.where(matches.c.hour > start, matches.c.hour <= end).group_by(matches.c.brand, matches.c.id)
    return Counter({(row.brand, row.id): int(row.inspections) for row in connection.execute(query)})


def _joined(connection: Connection, key: Key) -> datetime | None:
    """When a reference was added; None where its set does not hold it any more."""
    query = select(references.c.added).where(references.c.brand == key[0], references.c.id == key[1])
    return connection.execute(query).scalar_one_or_none()


def _matched(connection: Connection, key: Key, recent: Counter[Key], joined: datetime, enrolled: int) -> Matched:
    brand = key[0]
    earlier = _counts(connection, joined - KEPT_FOR, joined - timedelta(hours=1))  # whole hours before it joined
    before = sum(count for (b, _), count in earlier.items() if b == brand) / max(earlier.get(_ALL, 0), 1)
    by_others = sum(count for each, count in recent.items() if each[0] == brand and each != key)
    return Matched(recent[key], recent[_ALL], by_others, before, enrolled)
