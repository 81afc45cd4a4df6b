"""What is in service: one inspector over one gallery, taken once per request and swapped whole."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from index.store import Amendments
from serve.form import UploadedFile
from serve.metrics import Metrics
from serve.snapshot import Snapshot
from vision.errors import Fault, FilesRefused, InputRefused, NotReady
from vision.evidence import picture
from vision.photo import Photo, PhotoLimits, decode
from vision.verdict import Decision, Verdict


@dataclass(frozen=True)
class Readable:
    """The files that are photos, and what is wrong with the others."""

    photos: tuple[Photo, ...]
    places: tuple[int, ...]  # of each photo among the files
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Inspected:
    """A verdict, about which of the files it is, and what to show for it."""

    verdict: Verdict
    readable: Readable
    evidence: bytes | None  # PNG
    by: Snapshot


class Desk:
    """Gives out the snapshot in service. Any thread may ask."""

    def __init__(self, limits: PhotoLimits, metrics: Metrics) -> None:
        self.limits, self.metrics = limits, metrics
        self.snapshot: Snapshot | None = None
        self.changing = Lock()

    def publish(self, snapshot: Snapshot, amendments: Callable[[int], Amendments]) -> None:
        """Serve this from the next request on; requests under way keep the one they took.

        What left its set while the gallery was built is not in service for a moment. `amendments` tells what changed
        after a version of the store.
        """
        with self.changing:
            self.snapshot = snapshot.amended(amendments(snapshot.gallery.store_version))

    def amend(self, amendments: Callable[[int], Amendments]) -> None:
        """From the next request on match no more what left its set since the gallery in service was built, and draw
        listings by the shares of now. A build may take long; this takes none.
        """
        with self.changing:
            if self.snapshot is not None:
                self.snapshot = self.snapshot.amended(amendments(self.snapshot.gallery.store_version))

    def current(self) -> Snapshot:
        """The snapshot in service."""
        if self.snapshot is None:
            raise NotReady("the gallery is still loading. Try again after `Retry-After`.")
        return self.snapshot

    def inspect(
        self,
        files: Sequence[UploadedFile],
        claimed_brand: str | None,
        unbranded: bool = False,
        brands: Collection[str] | None = None,
        listing_id: str | None = None,
    ) -> Inspected:
        """Decode, inspect against all brands or these, and picture; `FilesRefused` when no file is a photo.

        Sets under roll-out are as they are, or as they were, for this listing.
        """
        snapshot = self.current()
        with self.metrics.stage("decode"):
            readable = read(files, self.limits)
        for fault in readable.faults:
            self.metrics.photos_refused.labels(fault.code).inc()
        if not readable.photos:
            raise FilesRefused(
                f"none of the {len(files)} photos can be read. Each is named in `files`.", readable.faults
            )
        with self.metrics.stage("inspect"):
            inspector = snapshot.inspector_of(brands, listing_id)
            verdict = inspector.inspect(readable.photos, claimed_brand, unbranded)
        with self.metrics.stage("evidence"):
            evidence = show(readable.photos, verdict)
        self.metrics.decisions.labels(verdict.decision.value).inc()
        return Inspected(verdict, readable, evidence, snapshot)


def read(files: Sequence[UploadedFile], limits: PhotoLimits) -> Readable:
    """Decode every file, and name the fault of each that is no photo."""
    photos: list[Photo] = []
    places: list[int] = []
    faults: list[Fault] = []
    for place, file in enumerate(files):
        try:
            photos.append(decode(file.data, limits))
            places.append(place)
        except InputRefused as error:
            faults.append(Fault(place, file.name, error.code, str(error)))
    return Readable(tuple(photos), tuple(places), tuple(faults))


def show(photos: Sequence[Photo], verdict: Verdict) -> bytes | None:
    """A picture of the finding that shows the verdict's brand best, as it decided; `None` where there is none."""
    if verdict.decision is Decision.UNRECOGNISED:
        return None
    findings = [
        (finding, photo)
        for photo, found in zip(photos, verdict.photos, strict=True)
        for finding in found.regions
        if finding.evidence is not None and finding.brand == verdict.brand
    ]
    if not findings:
        return None
    finding, photo = max(findings, key=lambda pair: pair[0].recognition)
    return picture(photo, finding, verdict)
