"""How a brand's set changes, each change a version of it. Statements on one connection, in the caller's transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, literal, select, update

from index.reference_set import Addition
from index.store import rescan_orders, rows, standings, trail
from index.store.records import Action, Change, Held, Reference, Restoration, SetVersion
from index.store.tables import former, references, set_versions
from vision.errors import ReferenceUnknown, VersionUnknown

_COLUMNS = [column.name for column in references.columns]


def add(connection: Connection, brand: str, additions: Sequence[Addition]) -> Change:
    """Add what the set does not have yet; nothing new, no new version."""
    new = rows.unknown_to(connection, brand, additions)
    if not new:
        return Change(rows.version(connection), 0)
    version = rows.next_version(connection)
    rows.add_references(connection, brand, new, version)
    standings.clear(connection, brand, [addition.id for addition in new])
    _note(connection, brand, version, "added", added=len(new))
    return Change(version, len(new))


def withdraw(connection: Connection, brand: str, withdrawn: Sequence[Reference]) -> Change:
    """Take references out of the set and out of the reach of every version."""
    if not withdrawn:
        return Change(rows.version(connection), 0)
    version, ids = rows.next_version(connection), [reference.id for reference in withdrawn]
    removed = _remove(connection, brand, ids, version)
    for some in rows.chunks(ids):
        gone = (former.c.brand == brand, former.c.id.in_(some))
        connection.execute(update(former).where(*gone).values(withdrawn=True))
    standings.clear(connection, brand, ids)
    _note(connection, brand, version, "withdrawn", removed=removed)
    return Change(version, len(withdrawn))


def restore(connection: Connection, brand: str, wanted: int) -> Restoration:
    """Make the set what it was at a version, but for what was withdrawn since; `VersionUnknown`."""
    then, now = set_at(connection, brand, wanted), _ids(connection, brand)
    lost = tuple(held.reference for held in then if held.withdrawn)
    back = [held.reference.id for held in then if not held.withdrawn and held.reference.id not in now]
    aside = sorted(now - {held.reference.id for held in then})
    if not back and not aside:
        return Restoration(rows.version(connection), 0, 0, lost)
    version = rows.next_version(connection)
    _remove(connection, brand, aside, version)
    _bring_back(connection, brand, wanted, back, version)
    standings.clear(connection, brand, back)
    _note(connection, brand, version, "restored", added=len(back), removed=len(aside), restored=wanted)
    return Restoration(version, len(back), len(aside), lost)


def set_aside(connection: Connection, brand: str, reference_id: str, action: Action) -> Change:
    """Take one reference out of the set and keep its photo; where it is out already, nothing changes."""
    if reference_id not in _ids(connection, brand):
        return Change(rows.version(connection), 0)
    version = rows.next_version(connection)
    _remove(connection, brand, [reference_id], version)
    _note(connection, brand, version, action, removed=1)
    return Change(version, 1)


def bring_back(connection: Connection, brand: str, reference_id: str, action: Action) -> Change:
    """Put one reference that was set aside back at its place; where it is in the set already, nothing changes."""
    if reference_id in _ids(connection, brand):
        return Change(rows.version(connection), 0)
    aside = (former.c.brand == brand, former.c.id == reference_id, former.c.withdrawn.is_(False))
    until = connection.execute(select(func.max(former.c.until)).where(*aside)).scalar_one()
    version = rows.next_version(connection)
    _bring_back(connection, brand, until - 1, [reference_id], version)
    _note(connection, brand, version, action, added=1)
    return Change(version, 1)


def kept(connection: Connection, brand: str, reference_id: str) -> Reference:
    """A reference whose photo is kept: in the set, or set aside from it. `BrandUnknown`, `ReferenceUnknown`."""
    rows.known_brand(connection, brand)
    aside = select(former).where(former.c.withdrawn.is_(False))
    for table, query in ((references, select(references)), (former, aside)):
        row = connection.execute(query.where(table.c.brand == brand, table.c.id == reference_id)).first()
        if row is not None:
            return rows.reference_of(row)
    raise ReferenceUnknown(f"brand {brand!r} has no reference {reference_id!r}; list them to see their ids")


def all_kept(connection: Connection, brand: str) -> tuple[Reference, ...]:
    """All references of a brand whose photos are kept: its set, then what was set aside from it. Each once."""
    aside = select(former).where(former.c.brand == brand, former.c.withdrawn.is_(False)).order_by(former.c.position)
    found = [*rows.find_references(connection, brand), *map(rows.reference_of, connection.execute(aside))]
    return tuple({reference.id: reference for reference in reversed(found)}.values())[::-1]


def versions(connection: Connection, brand: str) -> tuple[SetVersion, ...]:
    """All versions of a brand's set, oldest first."""
    query = select(set_versions).where(set_versions.c.brand == brand).order_by(set_versions.c.version)
    return tuple(SetVersion(**row._mapping) for row in connection.execute(query))


def newest(connection: Connection, brand: str, version: int) -> int | None:
    """The version of a brand's set that a version of the store holds; None where it had none yet."""
    query = select(func.max(set_versions.c.version)).where(set_versions.c.brand == brand)
    return connection.execute(query.where(set_versions.c.version <= version)).scalar()


def changed(connection: Connection, since: int) -> set[str]:
    """The brands whose sets have a version after this one."""
    return set(connection.execute(select(set_versions.c.brand).where(set_versions.c.version > since)).scalars())


def first_after(connection: Connection, version: int) -> datetime | None:
    """When the first set changed after a version of the store."""
    return connection.execute(select(func.min(set_versions.c.created)).where(set_versions.c.version > version)).scalar()


def set_at(connection: Connection, brand: str, version: int) -> tuple[Held, ...]:
    """What the set held at a version, in its order; `VersionUnknown`."""
    known = select(set_versions.c.version).where(set_versions.c.brand == brand, set_versions.c.version == version)
    if connection.execute(known).one_or_none() is None:
        raise VersionUnknown(f"the set of brand {brand!r} has no version {version}; list its versions to see them")
    still = select(references, literal(False).label("withdrawn")).where(
        references.c.brand == brand, references.c.since <= version
    )
    no_more = select(former).where(former.c.brand == brand, former.c.since <= version, former.c.until > version)
    found = [*connection.execute(still), *connection.execute(no_more)]
    return tuple(Held(rows.reference_of(row), row.withdrawn) for row in sorted(found, key=_place))


def _place(row: Row[Any]) -> int:
    return int(row.position)


def _ids(connection: Connection, brand: str) -> set[str]:
    return set(connection.execute(select(references.c.id).where(references.c.brand == brand)).scalars())


def _remove(connection: Connection, brand: str, ids: Sequence[str], version: int) -> int:
    """Move references from the set to what it held before `version`; gives how many were in it."""
    removed = 0
    for some in rows.chunks(ids):
        those = (references.c.brand == brand, references.c.id.in_(some))
        leaving = select(*references.columns, literal(version), literal(False)).where(*those)
        connection.execute(insert(former).from_select([*_COLUMNS, "until", "withdrawn"], leaving))
        removed += connection.execute(delete(references).where(*those)).rowcount
    return removed


def _bring_back(connection: Connection, brand: str, then: int, ids: Sequence[str], version: int) -> None:
    """Copy references that the set held at version `then` into it."""
    columns = [literal(version) if name == "since" else former.c[name] for name in _COLUMNS]
    for some in rows.chunks(ids):
        those = (former.c.brand == brand, former.c.id.in_(some), former.c.since <= then, former.c.until > then)
        connection.execute(insert(references).from_select(_COLUMNS, select(*columns).where(*those)))


def _note(
    connection: Connection,
    brand: str,
    version: int,
    action: Action,
    added: int = 0,
    removed: int = 0,
    restored: int | None = None,
) -> None:
    """Put the version on record."""
    count = select(func.count()).select_from(references).where(references.c.brand == brand)
    made = SetVersion(
        brand, version, datetime.now(UTC), action, added, removed, connection.execute(count).scalar_one(), restored
    )
    connection.execute(insert(set_versions).values(vars(made)))
    counts = f"version {version}: {added} added, {removed} removed"
    rescan_orders.order(connection, brand, version, action)
    words = counts if restored is None else f"{counts}, as of version {restored}"
    trail.note_brand(connection, brand, f"references.{action}", words)
