"""Inspections: what was answered about listings, kept as it was answered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, literal, select, tuple_

from index.store import arm_counts
from index.store.blobs import Blobs, name_of
from index.store.database import Database
from index.store.records import Drawn, Inspection, InspectionLine
from index.store.reviews import written
from index.store.tables import inspections, reviews
from index.store.tenants import OPERATOR
from vision.errors import InspectionUnknown

_SAID = ("decision", "brand", "set_version", "arm")  # of a verdict, kept beside it to be searched by


@dataclass(frozen=True)
class Wanted:
    """Which inspections of an organisation: None leaves a field open."""

    organisation: str
    within: str | None = None  # brand that the key was narrowed to
    decision: str | None = None
    brand: str | None = None  # recognised
    since: datetime | None = None  # made then or later


class Inspections:
    """Of one store."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    def put(
        self,
        inspection_id: str,
        verdict: str,
        evidence: bytes | None = None,
        listing_id: str | None = None,
        organisation: str = OPERATOR,
        within: str | None = None,
        fingerprints: Sequence[int] = (),
        drawn: Sequence[Drawn] = (),
    ) -> Inspection:
        """Keep an organisation's verdict (JSON text), its evidence picture (PNG), and how the photos look.

        It is counted for each version of a set under roll-out that it was held against (`drawn`).
        """
        made = Inspection(inspection_id, datetime.now(UTC), listing_id, verdict, evidence, organisation, within)
        row = {name: value for name, value in vars(made).items() if name != "evidence"} | _said(verdict)
        sha256 = None if evidence is None else name_of(evidence)
        blobs = [] if evidence is None or sha256 is None else [(sha256, evidence)]
        self._blobs.put_all(blobs)
        with self._database.writing() as connection:
            self._blobs.put_all(blobs)  # a withdrawal may have erased it meanwhile; none can while we write
            row |= {"evidence_sha256": sha256, "fingerprints": written(fingerprints)}
            connection.execute(insert(inspections).values(row))
            arm_counts.add(connection, organisation, drawn, row["brand"], row["decision"])
        return made

    def get(self, inspection_id: str) -> Inspection:
        """One past inspection; `InspectionUnknown`."""
        with self._database.reading() as connection:
            query = select(inspections).where(inspections.c.id == inspection_id)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise InspectionUnknown(f"inspection {inspection_id!r} is unknown; use an id that an inspection answered")
        evidence = None if row.evidence_sha256 is None else self._blobs.read(row.evidence_sha256)
        return Inspection(row.id, row.created, row.listing_id, row.verdict, evidence, row.organisation, row.within)

    def page(self, wanted: Wanted, limit: int, after: str | None = None) -> tuple[InspectionLine, ...]:
        """The newest of those wanted, newest first; from the one named on, if one is, and without it.

        Errors: `InspectionUnknown` where the one named is not among those of the organisation and key.
        """
        query = _lines().where(*_conditions(wanted)).limit(limit)
        query = query.order_by(inspections.c.created.desc(), inspections.c.id.desc())
        with self._database.reading() as connection:
            if after is not None:
                last = tuple_(literal(_made(connection, wanted, after), inspections.c.created.type), literal(after))
                query = query.where(tuple_(inspections.c.created, inspections.c.id) < last)
            return tuple(InspectionLine(**row._mapping) for row in connection.execute(query))


def _lines() -> Select[Any]:
    columns = [inspections.c[field.name] for field in fields(InspectionLine) if field.name != "finding"]
    return select(*columns, reviews.c.finding).select_from(inspections.outerjoin(reviews))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    values = vars(wanted)
    same = ("organisation", "within", "decision", "brand")
    since = [] if wanted.since is None else [inspections.c.created >= wanted.since]
    return [*(inspections.c[name] == values[name] for name in same if values[name] is not None), *since]


def _made(connection: Connection, wanted: Wanted, inspection: str) -> datetime:
    """When an inspection of the same organisation and key was made; `InspectionUnknown`."""
    theirs = _conditions(Wanted(wanted.organisation, wanted.within))
    found: datetime | None = connection.execute(
        select(inspections.c.created).where(inspections.c.id == inspection, *theirs)
    ).scalar_one_or_none()
    if found is None:
        raise InspectionUnknown(f"inspection {inspection!r} is unknown; use the `next` that the page before answered")
    return found


def _said(verdict: str) -> dict[str, Any]:
    said = json.loads(verdict)
    return {name: said.get(name) for name in _SAID}
