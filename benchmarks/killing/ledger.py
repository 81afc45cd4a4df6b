"""The ledger: what a service acknowledged before it was killed, and whether its store and gallery still say so."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from index.gallery import Gallery
from index.store import Place, Store
from index.store.blobs import name_of
from vision.errors import BlobDamaged, GalleryAbsent, GalleryDamaged


@dataclass(frozen=True)
class Sent:
    """One upload."""

    brand: str
    key: str
    photos: tuple[bytes, ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The ids its photos go by."""
        return tuple(name_of(photo)[:16] for photo in self.photos)


@dataclass
class Ledger:
    """Kept by whoever asks the service, and so outlives it."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # reference -> brand: its upload was answered
    in_doubt: set[str] = field(default_factory=set)  # their withdrawal was asked for, and not answered
    withdrawn: set[str] = field(default_factory=set)  # it was answered
    unanswered: Sent | None = None  # upload under way
    photos: dict[str, bytes] = field(default_factory=dict)  # of every reference, while it matters

    def standing(self) -> list[str]:
        """References that must be there, the oldest first."""
        return [each for each in self.acknowledged if each not in self.in_doubt | self.withdrawn]

    def settle(self, there: Iterable[str]) -> None:
        """What was in doubt is decided by what is there after the restart."""
        self.withdrawn |= self.in_doubt - set(there)
        self.in_doubt.clear()


def violations(place: Place, ledger: Ledger, embedder: str) -> list[str]:
    """Promises that a killed service's store and gallery break, read from where it left them."""
    store = Store.at(place)
    try:
        return [*_of_store(store, ledger), *_of_gallery(store, place.data_dir / "gallery", ledger, embedder)]
    finally:
        store.close()


def _of_store(store: Store, ledger: Ledger) -> list[str]:
    there = {reference.id: reference for reference in store.references()}
    found = [f"acknowledged and lost: {each}" for each in ledger.standing() if each not in there]
    found += [f"withdrawn and there: {each}" for each in ledger.withdrawn & set(there)]
    if ledger.unanswered is not None:
        parts = sum(each in there for each in ledger.unanswered.references)
        if parts not in (0, len(ledger.unanswered.references)):
            found.append(f"half an upload: {parts} of {len(ledger.unanswered.references)}")
    for reference in there.values():
        try:
            store.blob(reference.sha256)
        except BlobDamaged as fault:
            found.append(f"{reference.brand}/{reference.id}: {fault}")
    return found


def _of_gallery(store: Store, directory: Path, ledger: Ledger, embedder: str) -> list[str]:
    """A gallery is whole, and holds for every brand what its set held at the gallery's version."""
    try:
        gallery = Gallery.load(directory, embedder)
    except GalleryAbsent:
        return []
    except GalleryDamaged as fault:
        return [f"half a gallery: {fault}"]
    left_out = {line.partition(": ")[0].rpartition("/")[2] for line in gallery.unreadable}
    found = [f"left out of the gallery: {each}" for each in left_out - ledger.withdrawn - ledger.in_doubt]
    for brand in store.brands():
        held = _held(store, brand.id, gallery.store_version) - left_out
        matched = _matched(gallery, brand.id)
        if held != matched:
            found.append(f"gallery of version {gallery.store_version}, {brand.id}: has {matched}, the set {held}")
    return found


def _held(store: Store, brand: str, version: int) -> set[str]:
    at = next((each.version for each in store.versions.of(brand) if each.version <= version), None)
    return set() if at is None else {held.reference.id for held in store.versions.set_at(brand, at)}


def _matched(gallery: Gallery, brand: str) -> set[str]:
    """The references that a gallery can match a brand's marks to."""
    if brand not in gallery.brands:
        return set()
    return {str(each) for template in gallery.templates(brand) for each in template.reference_ids}
