"""Statements on one connection: records out of rows and back. The caller holds the transaction."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, select, true, update

from index.metadata import Kind, Metadata
from index.reference_set import Addition
from index.store import listening
from index.store.control_tables import negatives
from index.store.records import Brand, Reference, ScoreSet
from index.store.rescan_tables import kept_photos
from index.store.tables import (
    brands,
    former,
    genuine_scores,
    inspections,
    organisations,
    references,
    state,
    upload_files,
    upload_jobs,
)
from index.store.tenants import Organisation
from vision.errors import BrandUnknown, OrganisationUnknown

_CHUNK = 500


def version(connection: Connection) -> int:
    """The store's version."""
    return int(connection.execute(select(state.c.version)).scalar_one())


def next_version(connection: Connection) -> int:
    """Mark a change of brands or references."""
    connection.execute(update(state).values(version=state.c.version + 1))
    listening.tell(connection)
    return version(connection)


# --- organisations -------------------------------------------------------------------------------


def find_organisation(connection: Connection, organisation: str) -> Organisation | None:
    """One organisation, if there is it."""
    row = connection.execute(select(organisations).where(organisations.c.id == organisation)).one_or_none()
    return None if row is None else Organisation(**row._mapping)


def known_organisation(connection: Connection, organisation: str) -> Organisation:
    """One organisation; `OrganisationUnknown`."""
    found = find_organisation(connection, organisation)
    if found is None:
        raise OrganisationUnknown(f"there is no organisation {organisation!r}; create it first, or correct its id")
    return found


# --- brands --------------------------------------------------------------------------------------


def all_brands(connection: Connection) -> tuple[Brand, ...]:
    """All brands, by id."""
    return tuple(_brand_of(row) for row in connection.execute(_brands().order_by(brands.c.id)))


def find_brand(connection: Connection, brand: str) -> Brand | None:
    """One brand, if it is enrolled."""
    row = connection.execute(_brands().where(brands.c.id == brand)).one_or_none()
    return None if row is None else _brand_of(row)


def known_brand(connection: Connection, brand: str) -> Brand:
    """One brand; `BrandUnknown` where it is not enrolled."""
    found = find_brand(connection, brand)
    if found is None:
        raise BrandUnknown(f"brand {brand!r} is not enrolled; create it first, or correct its id")
    return found


def add_brand(connection: Connection, brand: str, name: str, organisation: str) -> None:
    """Enrol a brand, an organisation's."""
    now = datetime.now(UTC)
    connection.execute(insert(brands).values(id=brand, name=name, created=now, organisation=organisation))


def change_brand(connection: Connection, brand: str, **values: str) -> None:
    """Give an enrolled brand another name to show, or another organisation."""
    connection.execute(update(brands).where(brands.c.id == brand).values(values))


def _brands() -> Select[Any]:
    count = select(func.count()).where(references.c.brand == brands.c.id).scalar_subquery()
    return select(brands, count.label("references"))


def _brand_of(row: Row[Any]) -> Brand:
    return Brand(row.id, row.name, row.created, row.references, row.organisation)


# --- references ----------------------------------------------------------------------------------


def find_references(connection: Connection, brand: str | None) -> tuple[Reference, ...]:
    """References of one brand or all, by brand, then in the order added."""
    query = select(references).order_by(references.c.brand, references.c.position)
    if brand is not None:
        query = query.where(references.c.brand == brand)
    return tuple(reference_of(row) for row in connection.execute(query))


def unknown_to(connection: Connection, brand: str, additions: Sequence[Addition]) -> list[Addition]:
    """Those that the brand's set does not have yet, each once."""
    known = set(connection.execute(select(references.c.id).where(references.c.brand == brand)).scalars())
    return list({addition.id: addition for addition in additions if addition.id not in known}.values())


def add_references(connection: Connection, brand: str, additions: Sequence[Addition], since: int) -> None:
    """Add to the end of a brand's set what it does not have, at this version."""
    position, now = _last_position(connection, brand), datetime.now(UTC)
    added = [row_of(brand, addition, now, position + i) for i, addition in enumerate(additions, start=1)]
    connection.execute(insert(references), [row | {"since": since} for row in added])


def _last_position(connection: Connection, brand: str) -> int:
    """The highest that a reference of the brand has or had: one that is brought back keeps its place."""
    lasts = (select(func.max(table.c.position)).where(table.c.brand == brand) for table in (references, former))
    return max(connection.execute(last).scalar_one() or 0 for last in lasts)


def reference_of(row: Row[Any]) -> Reference:
    """A reference as stored."""
    return Reference(
        brand=row.brand,
        id=row.id,
        sha256=row.sha256,
        name=row.name,
        format=row.format,
        width=row.width,
        height=row.height,
        fingerprint=int(row.fingerprint, 16),
        sharpness=row.sharpness,
        added=row.added,
        metadata=metadata_of(row),
    )


def row_of(brand: str, addition: Addition, added: datetime, position: int) -> dict[str, object]:
    """A reference photo as a row."""
    look = addition.look
    return {
        "brand": brand,
        "id": addition.id,
        "sha256": look.sha256,
        "name": addition.name,
        "format": look.format,
        "width": look.width,
        "height": look.height,
        "fingerprint": f"{look.fingerprint:016x}",
        "sharpness": look.sharpness,
        "added": added,
        "position": position,
        **columns_of(addition.metadata),
    }


def columns_of(metadata: Metadata) -> dict[str, str | None]:
    """What is said of a photo, as columns hold it."""
    region = None if metadata.region is None else " ".join(map(repr, metadata.region))
    return vars(metadata) | {"region": region}


def metadata_of(row: Row[Any]) -> Metadata:
    """What is said of a photo, out of its row."""
    region = None if row.region is None else row.region.split(" ")
    return Metadata(
        product_line=row.product_line,
        sku=row.sku,
        view=row.view,
        kind=None if row.kind is None else Kind(row.kind),
        region=None if region is None else (float(region[0]), float(region[1]), float(region[2]), float(region[3])),
    )


# --- genuine scores -------------------------------------------------------------------------------


def all_scores(connection: Connection) -> tuple[ScoreSet, ...]:
    """All brands' genuine scores, by brand and source."""
    query = select(genuine_scores).order_by(genuine_scores.c.brand, genuine_scores.c.source)
    return tuple(_scores_of(row) for row in connection.execute(query))


def replace_scores(connection: Connection, scores: ScoreSet) -> None:
    """Keep these in place of those of the same brand and source."""
    same = (genuine_scores.c.brand == scores.brand, genuine_scores.c.source == scores.source)
    connection.execute(delete(genuine_scores).where(*same))
    connection.execute(insert(genuine_scores).values(vars(scores) | {"scores": json.dumps(scores.scores)}))


def remove_scores(connection: Connection, brand: str | None) -> int:
    """Remove the scores of one brand, or of all; gives how many sets."""
    statement = delete(genuine_scores)
    if brand is not None:
        statement = statement.where(genuine_scores.c.brand == brand)
    return connection.execute(statement).rowcount


def _scores_of(row: Row[Any]) -> ScoreSet:
    return ScoreSet(**dict(row._mapping) | {"scores": tuple(json.loads(row.scores))})


# --- blobs ---------------------------------------------------------------------------------------


def named_blobs(connection: Connection, digests: Sequence[str]) -> set[str]:
    """Those of `digests` that some row names."""
    named: set[str] = set()
    for chunk in chunks(digests):
        for column, needed in (
            (references.c.sha256, true()),
            (former.c.sha256, former.c.withdrawn.is_(False)),
            (inspections.c.evidence_sha256, true()),
            (negatives.c.sha256, true()),
            (kept_photos.c.sha256, true()),
            (upload_files.c.sha256, and_(upload_files.c.result.is_(None), ~_failed())),
        ):
            named |= set(connection.execute(select(column).where(column.in_(chunk), needed)).scalars())
    return named


def _failed() -> ColumnElement[bool]:
    """Of a file of an upload job: nobody will look at it any more."""
    jobs = select(upload_jobs.c.id).where(upload_jobs.c.id == upload_files.c.job, upload_jobs.c.state == "failed")
    return jobs.exists()


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many values at once as databases take in one IN list."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
