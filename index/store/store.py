"""The store: brands and their references; what else it keeps is reached through it. Acknowledged is durable."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, select

from index.reference_set import Addition
from index.store import amendments, answers, faults, history, rows, schema, trail
from index.store.blobs import Blobs, open_blobs
from index.store.database import Database
from index.store.inspections import Inspections
from index.store.jobs import Jobs
from index.store.kept_listings import KeptListings
from index.store.keys import Keys
from index.store.listening import Listener
from index.store.match_counts import MatchCounts
from index.store.negatives import Negatives
from index.store.organisations import Organisations
from index.store.place import BLOBS_FOLDER, Place
from index.store.records import Brand, Change, Claim, Receipt, Reference, ScoreSet, Snapshot
from index.store.rescans import Rescans
from index.store.reviews import Reviews
from index.store.revisions import Revisions
from index.store.rollouts import Rollouts
from index.store.switches import Switches
from index.store.tables import state
from index.store.tenants import OPERATOR
from index.store.trail import Trail
from index.store.versions import Versions
from vision.errors import BlobDamaged

_SWEPT_TOGETHER = 500  # blobs


class Store:
    """Rows in a database, and blobs. Thread safe, and processes may share it: one writes at a time.

    Order of writing: blobs are durable before the rows that name them commit, and rows are gone before their
    blobs are erased. So a crash at any moment leaves at worst a blob without a row, which `sweep` removes.
    """

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs
        self._id = schema.prepare(database)
        self.versions = Versions(database)
        self.jobs = Jobs(database, blobs)
        self.reviews, self.inspections = Reviews(database), Inspections(database, blobs)
        self.organisations, self.keys, self.trail = Organisations(database), Keys(database), Trail(database)
        self.switches, self.match_counts = Switches(database), MatchCounts(database)
        self.negatives = Negatives(database, blobs, self._erase_unnamed)
        self.rollouts = Rollouts(database, blobs)
        self.kept_listings = KeptListings(database, blobs, self._erase_unnamed)
        self.rescans, self.revisions = Rescans(database), Revisions(database)

    @classmethod
    def open(cls, data_dir: Path) -> "Store":
        """The store in a folder, made where there is none."""
        return cls.at(Place(data_dir))

    @classmethod
    def at(cls, place: Place) -> "Store":
        """The store at a place; made where there is none, if it is a folder's.

        Errors: `StoreOutdated`, `StoreIncompatible`, `StoreUnavailable`, `StorageReadOnly`, `StorageFull`.
        """
        database = Database(place.database())
        try:
            with faults.named():
                place.data_dir.mkdir(parents=True, exist_ok=True)
                return cls(database, open_blobs(place.blobs_url, place.data_dir / BLOBS_FOLDER))
        except BaseException:
            database.close()
            raise

    def listener(self, heard: Callable[[], None]) -> Listener:
        """Calls `heard` when any process has changed the store, once it is started; not on SQLite."""
        return Listener(self._database, heard)

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    @property
    def id(self) -> str:
        """Of this database, so that another's version 7 is not taken for this one's."""
        return self._id

    def version(self) -> int:
        """Grows with every change of brands, references and genuine scores."""
        with self._database.reading() as connection:
            return rows.version(connection)

    # --- brands and references -------------------------------------------------------------------

    def put_brand(self, brand: str, name: str | None = None, organisation: str | None = None) -> Brand:
        """Enrol a brand by its id (the operator's, if none is named), or rename or hand over one that is.

        The same again changes nothing. Errors: `OrganisationUnknown`.
        """
        with self._database.writing() as connection:
            if organisation is not None:
                rows.known_organisation(connection, organisation)
            known = rows.find_brand(connection, brand)
            if known is None:
                rows.add_brand(connection, brand, name or brand, organisation or OPERATOR)
                trail.note_brand(connection, brand, "brand.created", name or brand)
            elif not _change_brand(connection, known, name, organisation):
                return known
            rows.next_version(connection)
            return rows.known_brand(connection, brand)

    def brands(self) -> tuple[Brand, ...]:
        """All brands, by id."""
        with self._database.reading() as connection:
            return rows.all_brands(connection)

    def brand(self, brand: str) -> Brand:
        """One brand; `BrandUnknown` where it is not enrolled."""
        with self._database.reading() as connection:
            return rows.known_brand(connection, brand)

    def put_references(self, brand: str, additions: Sequence[Addition], receipt: Receipt | None = None) -> Change:
        """Store what was admitted, in one transaction, and keep its receipt; `BrandUnknown`, `IdempotencyKeyReused`.

        What another upload stored since it was judged is left as it is and not counted. A receipt whose claim was
        answered by now changes nothing.
        """
        blobs = [(addition.sha256, addition.data) for addition in additions]
        self._blobs.put_all(blobs)
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            if receipt is not None and answers.find(connection, brand, receipt.claim) is not None:
                return Change(rows.version(connection), 0)
            self._blobs.put_all(blobs)  # a withdrawal may have erased one meanwhile; none can while we write
            change = history.add(connection, brand, additions)
            if receipt is not None:
                answers.keep(connection, brand, receipt.claim, receipt.answer(change))
        return change

    def answer(self, brand: str, claim: Claim) -> str | None:
        """What a claim was answered (JSON), if it was; `IdempotencyKeyReused` where its key came with another."""
        with self._database.reading() as connection:
            return answers.find(connection, brand, claim)

    def mend(self, photos: Mapping[str, bytes]) -> int:
        """Store photos, by sha256, again where theirs are absent or altered and a row needs them; gives how many.

        The store's version grows, so that whoever follows it builds with them.
        """
        damaged = [sha256 for sha256 in photos if self._is_damaged(sha256)]
        if not damaged:
            return 0
        with self._database.writing() as connection:
            needed = rows.named_blobs(connection, damaged)
            for sha256 in needed:
                self._blobs.erase(sha256)
            self._blobs.put_all([(sha256, photos[sha256]) for sha256 in needed])
            rows.next_version(connection)
        return len(needed)

    def references(self, brand: str | None = None) -> tuple[Reference, ...]:
        """References of one brand or all, by brand, then in the order added; `BrandUnknown`."""
        with self._database.reading() as connection:
            if brand is not None:
                rows.known_brand(connection, brand)
            return rows.find_references(connection, brand)

    def snapshot(self) -> Snapshot:
        """All references at one moment, with the version they are."""
        with self._database.reading() as connection:
            row = connection.execute(select(state)).one()
            return Snapshot(row.store_id, row.version, rows.find_references(connection, None))

    def changes(self, since: int, also: Collection[str] = ()) -> Snapshot:
        """The same, of the brands whose sets changed after a version, and of those in `also`, only."""
        with self._database.reading() as connection:
            row = connection.execute(select(state)).one()
            brands = sorted(history.changed(connection, since) | set(also))
            found = [each for brand in brands for each in rows.find_references(connection, brand)]
            return Snapshot(row.store_id, row.version, tuple(found), frozenset(brands))

    def amendments(self, version: int) -> amendments.Amendments:
        """What a gallery of this version has to be told to answer by the store as it is."""
        with self._database.reading() as connection:
            return amendments.since(connection, version)

    def withdraw(self, brand: str, reference_id: str) -> Change:
        """Forget one reference for good, in every version of the set, and erase its photo.

        Errors: `BrandUnknown`, `ReferenceUnknown`.
        """
        with self._database.writing() as connection:
            withdrawn = history.kept(connection, brand, reference_id)
            change = history.withdraw(connection, brand, [withdrawn])
        self._erase_unnamed([withdrawn.sha256])
        return change

    def withdraw_all(self, brand: str) -> Change:
        """Forget all references of a brand for good, in every version of its set, and erase their photos.

        Errors: `BrandUnknown`.
        """
        with self._database.writing() as connection:
            rows.known_brand(connection, brand)
            withdrawn = history.all_kept(connection, brand)
            change = history.withdraw(connection, brand, withdrawn)
        self._erase_unnamed([reference.sha256 for reference in withdrawn])
        return change

    def blob(self, sha256: str) -> bytes:
        """The bytes of a photo as uploaded; `BlobDamaged` where absent or altered."""
        return self._blobs.read(sha256)

    def erase_unnamed(self, digests: Sequence[str]) -> int:
        """Erase those of these blobs that no row names; gives how many."""
        return self._erase_unnamed(digests)

    def sweep(self) -> int:
        """Erase blobs that no row names, left by writers that died; gives how many. Forget what is over its time."""
        with self._database.writing() as connection:
            answers.forget_old(connection)
        self.jobs.forget_unfinished()
        self.kept_listings.forget_over()
        self._blobs.sweep_unfinished()
        blobs, erased = self._blobs.all(), 0
        while some := list(islice(blobs, _SWEPT_TOGETHER)):  # writers get their turn between
            erased += self._erase_unnamed(some)
        return erased

    # --- genuine scores ---------------------------------------------------------------------------

    def put_scores(self, scores: Sequence[ScoreSet]) -> Change:
        """Keep brands' genuine scores, each in place of its brand's and source's, in one transaction; `BrandUnknown`.

        The store's version grows, so that whoever follows it calibrates anew.
        """
        with self._database.writing() as connection:
            for each in scores:
                rows.known_brand(connection, each.brand)
                rows.replace_scores(connection, each)
                trail.note_brand(connection, each.brand, "scores.kept", f"{len(each.scores)} of {each.source}")
            version = rows.next_version(connection) if scores else rows.version(connection)
        return Change(version, len(scores))

    def scores(self) -> tuple[ScoreSet, ...]:
        """All genuine scores, by brand and source."""
        with self._database.reading() as connection:
            return rows.all_scores(connection)

    def forget_scores(self, brand: str | None = None) -> Change:
        """Forget the genuine scores of a brand, or all; `BrandUnknown`."""
        with self._database.writing() as connection:
            if brand is not None:
                rows.known_brand(connection, brand)
            had = {each.brand for each in rows.all_scores(connection)}
            count = rows.remove_scores(connection, brand)
            for each in sorted(had) if brand is None else had & {brand}:
                trail.note_brand(connection, each, "scores.forgotten")
            version = rows.next_version(connection) if count else rows.version(connection)
        return Change(version, count)

    # --- how it writes ---------------------------------------------------------------------------

    def _is_damaged(self, sha256: str) -> bool:
        try:
            self._blobs.read(sha256)
        except BlobDamaged:
            return True
        return False

    def _erase_unnamed(self, digests: Sequence[str]) -> int:
        """Erase blobs that no row names, while no other writer can come to name them; gives how many."""
        with self._database.writing() as connection:
            unnamed = set(digests) - rows.named_blobs(connection, digests)
            for sha256 in unnamed:
                self._blobs.erase(sha256)
        return len(unnamed)


def _change_brand(connection: Connection, known: Brand, name: str | None, organisation: str | None) -> bool:
    """Rename a brand, or hand it over; gives whether there was anything to do."""
    changed = False
    if name is not None and name != known.name:
        rows.change_brand(connection, known.id, name=name)
        trail.note_brand(connection, known.id, "brand.renamed", name)
        changed = True
    if organisation is not None and organisation != known.organisation:
        trail.note_brand(connection, known.id, "brand.given", f"to {organisation}")  # the last its old one reads of it
        rows.change_brand(connection, known.id, organisation=organisation)
        trail.note_brand(connection, known.id, "brand.taken", f"from {known.organisation}")
        changed = True
    return changed


def migrate(place: Place) -> schema.Migrated:
    """Bring the database of a place up to this program's schema, made where there is none."""
    database = Database(place.database())
    try:
        return schema.migrate(database)
    finally:
        database.close()
