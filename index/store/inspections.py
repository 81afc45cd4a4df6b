"""Inspections: what was answered about listings, kept as it was answered."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from index.store import arm_counts
from index.store.blobs import Blobs, name_of
from index.store.database import Database
from index.store.records import Drawn, Inspection
from index.store.reviews import written
from index.store.tables import inspections
from index.store.tenants import OPERATOR
from vision.errors import InspectionUnknown

_SAID = ("decision", "brand", "set_version", "arm")  # of a verdict, kept beside it to be searched by


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


def _said(verdict: str) -> dict[str, Any]:
    said = json.loads(verdict)
    return {name: said.get(name) for name in _SAID}
