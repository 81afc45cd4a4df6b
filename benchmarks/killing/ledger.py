"""The ledger: what a service acknowledged before it was killed, and whether its store and gallery still say so."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from index.gallery import Gallery
from index.parts import BASELINES, GALLERY
from index.source import Source
from index.store import Place, Store
from index.store.blobs import name_of
from index.store.tenants import OPERATOR
from vision.errors import BlobDamaged, GalleryAbsent, GalleryDamaged, RolloutAbsent

_MOST_REVISIONS = 1000  # of an inspection

Decision = tuple[str, str | None]  # the word, and the brand recognised


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
    in_doubt: set[str] = field(default_factory=set)  # that they leave was asked for, and not answered
    withdrawn: set[str] = field(default_factory=set)  # it was answered; or they left with an abandoned roll-out
    unanswered: Sent | None = None  # upload under way
    photos: dict[str, bytes] = field(default_factory=dict)  # of every reference, while it matters
    rollouts: dict[str, float] = field(default_factory=dict)  # brand -> share: it was answered, and goes on
    joined: dict[str, set[str]] = field(default_factory=dict)  # brand -> references since its roll-out began
    rollout_in_doubt: str | None = None  # brand whose roll-out was asked to begin, go on or end, and not answered
    answers: dict[str, Decision] = field(default_factory=dict)  # inspection -> what was answered

    def standing(self) -> list[str]:
        """References that must be there, the oldest first."""
        return [each for each in self.acknowledged if each not in self.in_doubt | self.withdrawn]

    def acknowledge(self, sent: Sent) -> None:
        """An upload was answered."""
        self.acknowledged |= dict.fromkeys(sent.references, sent.brand)
        if sent.brand in self.rollouts:
            self.joined[sent.brand] |= set(sent.references)
        self.unanswered = None

    def rolled(self, brand: str, share: float | None) -> None:
        """A brand's roll-out is at this share; None: there is none."""
        self.rollout_in_doubt = None
        if share is None:
            self.rollouts.pop(brand, None)
            self.joined.pop(brand, None)
        else:
            self.rollouts[brand] = share
            self.joined.setdefault(brand, set())

    def settle(self, there: Iterable[str]) -> None:
        """What was in doubt is decided by what is there after the restart."""
        self.withdrawn |= self.in_doubt - set(there)
        self.in_doubt.clear()


def violations(place: Place, ledger: Ledger, embedder: str) -> list[str]:
    """Promises that a killed service's store and gallery break, read from where it left them."""
    store = Store.at(place)
    try:
        galleries = _of_gallery(store, place.data_dir / GALLERY, ledger, embedder)
        baselines = _of_baselines(store, place.data_dir / BASELINES, embedder)
        return [
            *_of_store(store, ledger),
            *of_rollouts(store, ledger),
            *of_answers(store, ledger),
            *galleries,
            *baselines,
        ]
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


def _of_baselines(store: Store, directory: Path, embedder: str) -> list[str]:
    """What roll-outs compare with is whole, and where no change came since, what those sets were."""
    try:
        gallery = Gallery.load(directory, embedder)
    except GalleryAbsent:
        return []
    except GalleryDamaged as fault:
        return [f"half a gallery of baselines: {fault}"]
    if gallery.store_version != store.version():
        return []
    source: Source = store.rollouts
    wanted = {(reference.brand, reference.id) for reference in source.snapshot().references}
    matched = {(brand, each) for brand in gallery.brands for each in _matched(gallery, brand)}
    return [] if matched == wanted else [f"gallery of baselines: has {matched}, they are {wanted}"]


def of_rollouts(store: Store, ledger: Ledger) -> list[str]:
    """What was begun goes on at its share, what was ended is over."""
    found = []
    for brand in store.brands():
        share, wanted = share_of(store, brand.id), ledger.rollouts.get(brand.id)
        if brand.id != ledger.rollout_in_doubt and share != wanted:
            found.append(f"roll-out of {brand.id}: share {share}, answered was {wanted}")
    return found


def share_of(store: Store, brand: str) -> float | None:
    """Of a brand's roll-out; None where there is none."""
    try:
        return store.rollouts.of(brand).share
    except RolloutAbsent:
        return None


def of_answers(store: Store, ledger: Ledger) -> list[str]:
    """What was answered is on record as it was, and each revision follows on what was decided before it."""
    found = []
    for inspection, answer in ledger.answers.items():
        if (kept := decision_in(store.inspections.get(inspection).verdict)) != answer:
            found.append(f"inspection {inspection}: {answer} was answered, {kept} is on record")
        standing = answer
        for revision in reversed(store.revisions.page(OPERATOR, _MOST_REVISIONS, inspection=inspection)):
            if (revision.old_decision, revision.old_brand) != standing:
                found.append(f"inspection {inspection}: revised from {revision.old_decision}, {standing} stood")
            standing = (revision.decision, revision.brand)
    return found


def decision_in(verdict: str) -> Decision:
    """What a verdict (JSON) says."""
    said = json.loads(verdict)
    return said["decision"], said["brand"]


def _held(store: Store, brand: str, version: int) -> set[str]:
    at = next((each.version for each in store.versions.of(brand) if each.version <= version), None)
    return set() if at is None else {held.reference.id for held in store.versions.set_at(brand, at)}


def _matched(gallery: Gallery, brand: str) -> set[str]:
    """The references that a gallery can match a brand's marks to."""
    if brand not in gallery.brands:
        return set()
    return {str(each) for template in gallery.templates(brand) for each in template.reference_ids}
