"""Roll-outs: brands whose set as it is judges a share of listings only, and an earlier version of it the others."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from index.store import arm_counts, history, rescan_orders, rows, standings, trail
from index.store.beside import Beside
from index.store.control_tables import rollouts
from index.store.records import Arm, ArmCount, Change, Reference, Restoration, Rollout, Snapshot
from index.store.tables import brands, state
from vision.errors import RolloutAbsent, RolloutUnderWay, TooManyRollouts, VersionUnknown

MOST = 8  # an organisation: each inspection searches one more set for each


def arm_of(rollout: Rollout, listing_id: str | None) -> Arm:
    """Which version judges a listing: the same each time, and the candidate's stay its own as its share grows.

    Without an id the baseline does.
    """
    if listing_id is None:
        return "baseline"
    digest = hashlib.sha256(f"{rollout.seed}/{rollout.brand}/{listing_id}".encode()).digest()
    return "candidate" if int.from_bytes(digest[:8]) < rollout.share * 2**64 else "baseline"


class Rollouts(Beside):
    """Of one store. To whoever builds a gallery of the baselines, it is a store of references (`index.source`)."""

    # --- the baselines, as a source of references -------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The baselines' references at one moment, but for what was withdrawn or switched off since."""
        with self._database.reading() as connection:
            row = connection.execute(select(state)).one()
            under_way = in_force(connection, row.version)
            found = [each for rollout in under_way for each in _held(connection, rollout)[0]]
            return Snapshot(row.store_id, row.version, tuple(found))

    # --- what is under way ------------------------------------------------------------------------

    def in_force(self, version: int) -> tuple[Rollout, ...]:
        """Those that listings are drawn by over a gallery of this version of the store, by brand."""
        with self._database.reading() as connection:
            return in_force(connection, version)

    def ever(self) -> bool:
        """Whether there was one: only then is there a gallery of baselines to keep, or to empty."""
        with self._database.reading() as connection:
            return connection.execute(select(rollouts.c.brand).limit(1)).first() is not None

    def of(self, brand: str) -> Rollout:
        """A brand's; `BrandUnknown`, `RolloutAbsent`."""
        with self._database.reading() as connection:
            return _of(connection, brand)

    def counts(self, rollout: Rollout, organisation: str | None = None) -> tuple[ArmCount, ...]:
        """What became of listings by arm and version: of those that an organisation inspected, or of all."""
        with self._database.reading() as connection:
            return arm_counts.of(connection, rollout, organisation)

    # --- how one begins, goes on and ends ---------------------------------------------------------

    def put(
        self, brand: str, share: float, baseline: int | None = None, seed: int | None = None, most: int = MOST
    ) -> tuple[Rollout, Change]:
        """Begin one from a version of the set, the newest if none is named; or give the one under way this share.

        Where another seed is named, listings are drawn and counted anew. Errors: `BrandUnknown`, `VersionUnknown`,
        `RolloutUnderWay` from another baseline, `TooManyRollouts` of the brand's organisation.
        """
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            known = _known(connection, brand, baseline)
            before = _find(connection, brand)
            if before is None:
                _begin(connection, brand, share, known, seed or 0, most)
            else:
                _go_on(connection, before, share, baseline, seed)
            change = Change(rows.version(connection), 1)
            return _of(connection, brand), change

    def promote(self, brand: str) -> Change:
        """Let the set as it is judge all listings; `BrandUnknown`, `RolloutAbsent`."""
        with self._database.writing() as connection:
            change = _end(connection, _of(connection, brand), "promoted")
            rescan_orders.order(connection, brand, change.version, "promoted")
            return change

    def abandon(self, brand: str) -> Restoration:
        """Let the baseline judge all listings: the set becomes what that was, as going back to a version does.

        Errors: `BrandUnknown`, `RolloutAbsent`.
        """
        with self._database.writing() as connection:
            rollout = _of(connection, brand)
            _end(connection, rollout, "abandoned")
            return history.restore(connection, brand, rollout.baseline)


def in_force(connection: Connection, version: int) -> tuple[Rollout, ...]:
    """Those begun by a version of the store that go on, or were abandoned later: a gallery of it has the new set."""
    abandoned = (rollouts.c.ended > version) & (rollouts.c.outcome == "abandoned")
    query = select(rollouts).where(rollouts.c.begun <= version, or_(rollouts.c.ended.is_(None), abandoned))
    return tuple(_record(connection, row, version) for row in connection.execute(query.order_by(rollouts.c.brand)))


def gone(connection: Connection, under_way: Collection[Rollout]) -> frozenset[tuple[str, str]]:
    """Brand and id of what these baselines held and hold no more."""
    return frozenset((each.brand, each.id) for rollout in under_way for each in _held(connection, rollout)[1])


def _held(connection: Connection, rollout: Rollout) -> tuple[list[Reference], list[Reference]]:
    """What a baseline holds, and what of it was withdrawn, switched off or quarantined since."""
    out = {each.id for each in standings.of(connection, rollout.brand) if each.standing != "vouched"}
    kept: list[Reference] = []
    left: list[Reference] = []
    for each in history.set_at(connection, rollout.brand, rollout.baseline):
        (left if each.withdrawn or each.reference.id in out else kept).append(each.reference)
    return kept, left


def _record(connection: Connection, row: Row[Any], version: int) -> Rollout:
    """As over a gallery of this version of the store."""
    return Rollout(
        brand=row.brand,
        baseline=row.baseline,
        candidate=history.newest(connection, row.brand, version) or row.baseline,
        share=row.share if row.ended is None else 0.0,
        seed=row.seed,
        begun=row.begun,
        started=row.started,
        is_over=row.ended is not None,
    )


def _find(connection: Connection, brand: str) -> Rollout | None:
    query = select(rollouts).where(rollouts.c.brand == brand, rollouts.c.ended.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else _record(connection, row, rows.version(connection))


def _of(connection: Connection, brand: str) -> Rollout:
    rows.known_brand(connection, brand)
    found = _find(connection, brand)
    if found is None:
        raise RolloutAbsent(f"brand {brand!r} has no roll-out under way; begin one with a share of listings")
    return found


def _begin(connection: Connection, brand: str, share: float, baseline: int, seed: int, most: int) -> None:
    _require_room(connection, rows.known_brand(connection, brand).organisation, most)
    begun = rows.next_version(connection)
    row = {"brand": brand, "begun": begun, "baseline": baseline, "share": share, "seed": seed}
    connection.execute(insert(rollouts).values(row | {"started": datetime.now(UTC)}))
    trail.note_brand(connection, brand, "rollout.begun", f"{share:g} of listings; version {baseline} judges the others")


def _go_on(connection: Connection, before: Rollout, share: float, baseline: int | None, seed: int | None) -> None:
    if baseline not in (None, before.baseline):
        raise RolloutUnderWay(
            f"brand {before.brand!r} is being rolled out from version {before.baseline}, not {baseline}; "
            "promote or abandon that first"
        )
    drawn_anew = seed not in (None, before.seed)
    values = {"share": share, "seed": seed if drawn_anew else before.seed}
    connection.execute(update(rollouts).where(*_is(before)).values(values))
    if drawn_anew:
        arm_counts.clear(connection, before)
    rows.next_version(connection)
    trail.note_brand(connection, before.brand, "rollout.share_set", f"{share:g} of listings, seed {values['seed']}")


def _end(connection: Connection, rollout: Rollout, outcome: str) -> Change:
    ended = rows.next_version(connection)
    connection.execute(update(rollouts).where(*_is(rollout)).values(ended=ended, outcome=outcome))
    words = f"version {rollout.candidate}, by {rollout.share:g} of listings; from version {rollout.baseline}"
    trail.note_brand(connection, rollout.brand, f"rollout.{outcome}", words)
    return Change(ended, 1)


def _is(rollout: Rollout) -> tuple[ColumnElement[bool], ...]:
    return rollouts.c.brand == rollout.brand, rollouts.c.begun == rollout.begun


def _known(connection: Connection, brand: str, version: int | None) -> int:
    known = [each.version for each in history.versions(connection, brand)]
    if not known:
        raise VersionUnknown(f"the set of brand {brand!r} has no version yet; upload references first")
    if version is not None and version not in known:
        raise VersionUnknown(f"the set of brand {brand!r} has no version {version}; list its versions to see them")
    return known[-1] if version is None else version


def _require_room(connection: Connection, organisation: str, most: int) -> None:
    under_way = select(func.count()).select_from(rollouts.join(brands)).where(rollouts.c.ended.is_(None))
    there = connection.execute(under_way.where(brands.c.organisation == organisation)).scalar_one()
    if there >= most:
        raise TooManyRollouts(
            f"{there} roll-outs of organisation {organisation!r} are under way, the limit is {most}; "
            "promote or abandon one first"
        )
