"""Arm counts: what became of listings while a set is rolled out. Statements on one connection."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from index.store.control_tables import rollout_counts as counts
from index.store.records import ArmCount, Drawn, Rollout

_COUNTED = ("listings", "recognised", "flagged", "undecided")


def add(connection: Connection, organisation: str, drawn: Sequence[Drawn], brand: str | None, decision: str) -> None:
    """Count one inspection, which told this of this brand, for each of the versions it was held against."""
    for each in drawn:
        ours = each.brand == brand
        flagged, undecided = ours and decision == "divergent", ours and decision == "undecided"
        more = {"listings": 1, "recognised": int(ours), "flagged": int(flagged), "undecided": int(undecided)}
        values = {"organisation": organisation, **vars(each)}
        this = [counts.c[name] == value for name, value in values.items()]
        added = {name: counts.c[name] + count for name, count in more.items()}
        if connection.execute(update(counts).where(*this).values(added)).rowcount == 0:
            connection.execute(insert(counts).values(values | more))


def of(connection: Connection, rollout: Rollout, organisation: str | None) -> tuple[ArmCount, ...]:
    """By arm and version, those that an organisation inspected, or all."""
    sums = [func.sum(counts.c[name]).label(name) for name in _COUNTED]
    query = select(counts.c.arm, counts.c.version, *sums).where(*_of(rollout))
    if organisation is not None:
        query = query.where(counts.c.organisation == organisation)
    found = connection.execute(query.group_by(counts.c.arm, counts.c.version).order_by(counts.c.arm, counts.c.version))
    return tuple(ArmCount(row.arm, row.version, *(int(row._mapping[name]) for name in _COUNTED)) for row in found)


def clear(connection: Connection, rollout: Rollout) -> None:
    """Forget what was counted."""
    connection.execute(delete(counts).where(*_of(rollout)))


def _of(rollout: Rollout) -> tuple[ColumnElement[bool], ...]:
    return counts.c.brand == rollout.brand, counts.c.begun == rollout.begun
