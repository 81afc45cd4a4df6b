"""Reviews: what people found of inspections. What is confirmed to be counterfeit is remembered by its photos' look."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, update

from index.store import rows
from index.store.database import Database
from index.store.tables import inspections, reviews
from vision.errors import InspectionUnknown

Outcome = Literal["genuine", "counterfeit"]


class Reviews:
    """Of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, inspection: str, fingerprints: Sequence[int]) -> None:
        """Keep how the photos of an inspection look."""
        text = json.dumps([f"{each:016x}" for each in fingerprints])
        with self._database.writing() as connection:
            connection.execute(update(inspections).where(inspections.c.id == inspection).values(fingerprints=text))

    def put(self, inspection: str, brand: str, finding: Outcome) -> None:
        """Keep what was found, in place of what was before; `InspectionUnknown`, `BrandUnknown`."""
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            if connection.execute(select(inspections.c.id).where(inspections.c.id == inspection)).first() is None:
                raise InspectionUnknown(f"inspection {inspection!r} is unknown; use an id that an inspection answered")
            connection.execute(delete(reviews).where(reviews.c.inspection == inspection))
            row = {"inspection": inspection, "brand": brand, "finding": finding, "created": datetime.now(UTC)}
            connection.execute(insert(reviews).values(row))

    def counterfeits(self, brand: str) -> NDArray[np.uint64]:
        """Fingerprints `[N]` of the photos of a brand's confirmed counterfeits."""
        query = (
            select(inspections.c.fingerprints)
            .join(reviews, reviews.c.inspection == inspections.c.id)
            .where(reviews.c.brand == brand, reviews.c.finding == "counterfeit")
            .where(inspections.c.fingerprints.is_not(None))
        )
        with self._database.reading() as connection:
            found = connection.execute(query).scalars().all()
        return np.array([int(each, 16) for text in found for each in json.loads(text)], np.uint64)
