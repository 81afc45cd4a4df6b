"""Reviews: what people found of inspections. What is confirmed to be counterfeit is remembered by its photos' look."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, insert, select

from index.store import rows, trail
from index.store.database import Database
from index.store.records import Outcome
from index.store.tables import inspections, reviews
from vision.errors import InspectionUnknown


@dataclass(frozen=True)
class Review:
    """What a person found of an inspection, for a brand."""

    inspection: str
    brand: str
    finding: Outcome
    created: datetime  # UTC
    photos: int  # of the inspection, whose look is remembered
    organisation: str  # whose inspection it is
    within: str | None  # brand that the key of the inspection was narrowed to


class Reviews:
    """Of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, inspection: str, brand: str, finding: Outcome) -> Review:
        """Keep what was found, in place of what was before; `InspectionUnknown`, `BrandUnknown`."""
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            if connection.execute(select(inspections.c.id).where(inspections.c.id == inspection)).first() is None:
                raise InspectionUnknown(f"inspection {inspection!r} is unknown; use an id that an inspection answered")
            connection.execute(delete(reviews).where(reviews.c.inspection == inspection))
            row = {"inspection": inspection, "brand": brand, "finding": finding, "created": datetime.now(UTC)}
            connection.execute(insert(reviews).values(row))
            trail.note_brand(connection, brand, "inspection.reviewed", finding, below=f"reviews/{inspection}")
            return next(each for each in _of(connection, brand) if each.inspection == inspection)

    def of(self, brand: str) -> tuple[Review, ...]:
        """Of a brand, newest first; `BrandUnknown`."""
        with self._database.reading() as connection:
            rows.known_brand(connection, brand)
            return _of(connection, brand)

    def counterfeits(self, brand: str) -> NDArray[np.uint64]:
        """Fingerprints `[N]` of the photos of a brand's confirmed counterfeits."""
        query = (
            select(inspections.c.fingerprints)
            .join(reviews, reviews.c.inspection == inspections.c.id)
            .where(reviews.c.brand == brand, reviews.c.finding == "counterfeit")
        )
        with self._database.reading() as connection:
            found = connection.execute(query).scalars().all()
        return np.array([each for text in found for each in fingerprints_of(text)], np.uint64)


def written(fingerprints: Sequence[int]) -> str:
    """Fingerprints as an inspection's row keeps them."""
    return json.dumps([f"{each:016x}" for each in fingerprints])


def fingerprints_of(text: str | None) -> list[int]:
    """Fingerprints out of an inspection's row; none of one that was made before they were kept."""
    return [int(each, 16) for each in json.loads(text or "[]")]


def _of(connection: Connection, brand: str) -> tuple[Review, ...]:
    query = (
        select(reviews, inspections.c.fingerprints, inspections.c.organisation, inspections.c.within)
        .join(inspections, reviews.c.inspection == inspections.c.id)
        .where(reviews.c.brand == brand)
        .order_by(reviews.c.created.desc(), reviews.c.inspection)
    )
    return tuple(_review_of(row) for row in connection.execute(query))


def _review_of(row: Row[Any]) -> Review:
    photos = len(fingerprints_of(row.fingerprints))
    return Review(row.inspection, row.brand, row.finding, row.created, photos, row.organisation, row.within)
