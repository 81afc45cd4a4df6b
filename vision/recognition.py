"""Recognition: which brand's mark a photo shows, and how it differs, as numbers.

A photo is embedded whole and in windows, the nearest brands are its candidates, and each is confirmed by
geometry or, where there are too few local features, by appearance.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from vision import divergence, region
from vision.alignment import Alignment
from vision.detector import Detection, MarkDetector
from vision.divergence import Divergence, PairComparator
from vision.embedder import Embedder
from vision.errors import BrandUnknown
from vision.features import LocalFeatures, extract
from vision.neighbours import Neighbours
from vision.photo import Photo
from vision.policy import Policy
from vision.scorer import Scorer, inputs_of
from vision.sighting import Sighting, find, locate, sight
from vision.template import Template

SURE_INLIERS = 16  # correspondences from which an alignment needs no search by appearance
MAX_BRAND_FEATURES = 7200  # of a brand's templates that one photo is matched with, the largest templates' first
FAR = 2.0  # cosine distance to a brand that the search did not reach


class References(Protocol):
    """Genuine references to search and to hold a photo against."""

    @property
    def version(self) -> str:
        """Identity of this immutable set of references."""
        ...

    @property
    def brands(self) -> tuple[str, ...]:
        """Brand ids with at least one reference."""
        ...

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        """The `k` nearest reference vectors of each query `[Q, D]`, of one brand or of all."""
        ...

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates; raises `BrandUnknown`."""
        ...


@dataclass(frozen=True, eq=False)
class Look:
    """One photo made ready: pixels at working size, features, embedded regions."""

    pixels: NDArray[np.uint8]
    features: LocalFeatures
    regions: tuple[region.Region, ...]
    distances: dict[str, float]  # brand -> distance of its nearest vector, nearest first
    vectors: NDArray[np.float32]  # [R, D] of the regions


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a photo aligns with a template of a brand."""

    brand: str
    template: Template
    alignment: Alignment


@dataclass(frozen=True, eq=False)
class Recognition:
    """One brand held against one photo. Without an alignment `template` and what follows is None."""

    brand: str
    score: float  # nonconformity, log odds of a forgery
    recognition: float  # log odds of showing the brand, less the operating point: above 0 is recognised
    references: int  # how many the brand has: calibration is of brands with as many
    inputs: NDArray[np.float64]  # what the scorer saw: `inputs_of` where aligned, else NEARNESS
    look: Look
    template: Template | None = None
    sighting: Sighting | None = None
    divergence: Divergence | None = None


class Recogniser:
    """Holds photos against references. Immutable and safe to share between threads."""

    def __init__(
        self,
        embedder: Embedder,
        references: References,
        scorer: Scorer,
        policy: Policy,
        comparator: PairComparator | None = None,
        detector: MarkDetector | None = None,
    ) -> None:
        self.embedder = embedder
        self.comparator = comparator
        self.detector = detector
        self.references = references
        self.scorer = scorer
        self.policy = policy
        self._compared: WeakKeyDictionary[Template, NDArray[np.float32]] = WeakKeyDictionary()

    def over(self, references: References) -> "Recogniser":
        """The same, over other references; what it knows of templates stays known."""
        other = copy(self)
        other.references = references
        return other

    def hold(self, photo: Photo, brand: str) -> Recognition:
        """Hold a photo against one brand, whatever it shows; `BrandUnknown`."""
        if brand not in self.references.brands:
            raise BrandUnknown(f"brand {brand!r} has no references; enrol some first")
        look = self._look(photo, brand)
        place = self._places(look, [brand])[brand]
        return self._aligned(look, place) if place else self._near(look, brand)

    def against(self, look: Look, brand: str) -> Recognition | None:
        """Hold a look that was made over other references against a brand of these; None where it aligns with nothing.

        Every template is tried, whatever it costs: it is for the few looks that were flagged. `BrandUnknown`.
        """
        near = self.references.nearest(look.vectors, 1, brand).best_by_brand()
        look = replace(look, distances=near)
        places = [_placed(look, brand, template) for template in self.references.templates(brand)]
        best = max((place for place in places if place), key=lambda place: place.alignment.inliers, default=None)
        return None if best is None else self._aligned(look, best)

    def recognise(self, photo: Photo, claimed_brand: str | None = None) -> list[Recognition]:
        """The brands a photo may show, likeliest first, the claimed one always among those tried."""
        if not self.references.brands:
            return []
        claimed = claimed_brand if claimed_brand in self.references.brands else None
        look = self._look(photo, claimed)
        candidates = list(look.distances)[: self.policy.candidate_brands]
        if claimed is not None and claimed not in candidates:
            candidates.append(claimed)
        places = self._places(look, candidates)
        aligned = [place for place in places.values() if place is not None]
        aligned.sort(key=lambda place: -place.alignment.inliers)
        held = [self._aligned(look, place) for place in aligned[: self.policy.compared_brands]]
        if places.get(candidates[0]) is None:
            held.append(self._near(look, candidates[0]))
        return sorted(held, key=lambda r: -r.recognition)

    def _look(self, photo: Photo, brand: str | None) -> Look:
        small = photo.fit(self.policy.working_side_px)
        regions = region.propose(small, self.policy.max_regions, self._detections(small))
        vectors = self.embedder.embed([region.crop(small, r) for r in regions])
        distances = self.references.nearest(vectors, self.policy.neighbours).best_by_brand()
        if brand is not None and brand not in distances:
            distances |= self.references.nearest(vectors, 1, brand).best_by_brand()
        return Look(small.pixels, extract(small.pixels, self.policy.max_features), regions, distances, vectors)

    def _detections(self, photo: Photo) -> tuple[Detection, ...]:
        """Marks found whosever they are; none where there is no detector."""
        if self.detector is None or self.policy.max_detections < 1:
            return ()
        return self.detector.detect(photo.pixels)[: self.policy.max_detections]

    def _places(self, look: Look, candidates: Sequence[str]) -> dict[str, _Place | None]:
        """Where the photo aligns with each candidate; the nearest are searched for when features are too few."""
        places = {brand: self._locate(look, brand) for brand in candidates}
        if max((place.alignment.inliers for place in places.values() if place), default=0) >= SURE_INLIERS:
            return places
        for brand in candidates[: self.policy.searched_brands]:
            if places[brand] is None:
                places[brand] = self._search(look, brand)
        return places

    def _search(self, look: Look, brand: str) -> _Place | None:
        """Where the brand's main mark is found by appearance."""
        template = self.references.templates(brand)[0]
        found = find(look.pixels, look.features, template)
        return _Place(brand, template, found) if found else None

    def _locate(self, look: Look, brand: str) -> _Place | None:
        """Where the photo aligns best with a template of the brand; None where it does with none."""
        best: _Place | None = None
        left = MAX_BRAND_FEATURES
        for template in self.references.templates(brand)[: self.policy.candidate_templates]:
            found = locate(look.features, template) if left > 0 else None
            if found is not None and (best is None or found.inliers > best.alignment.inliers):
                best = _Place(brand, template, found)
            left -= sum(map(len, template.features))
        return best

    def _aligned(self, look: Look, place: _Place) -> Recognition:
        """Hold a photo against the template it was aligned with."""
        brand, template = place.brand, place.template
        sighting = sight(look.pixels, look.features, template, place.alignment)
        vector = self.embedder.embed([sighting.registered.pixels])
        close = self.references.nearest(vector, 1, brand).best_by_brand().get(brand, FAR)
        sighting = replace(sighting, embedding=close, embedding_photo=look.distances.get(brand, FAR))
        measured = divergence.measure(sighting, template, self.policy.max_references, self.comparator)
        inputs = inputs_of(measured.measures, self._genuine(template))
        return Recognition(
            brand=brand,
            score=self.scorer.divergence(inputs),
            recognition=self.scorer.recognition(inputs) - self.scorer.recognised_above,
            references=self.enrolled(brand),
            inputs=inputs,
            look=look,
            template=template,
            sighting=sighting,
            divergence=measured,
        )

    def _genuine(self, template: Template) -> NDArray[np.float32]:
        """Measures `[N, M]` of a template's references among themselves, the comparator's included.

        Those are made at the first look and kept as long as the template is: templates outlive a change of model.
        """
        if self.comparator is None or len(template) < 2:
            return template.genuine
        known = self._compared.get(template)
        if known is None:
            compared = divergence.compared_among(template, self.comparator, self.policy.max_references)
            known = self._compared[template] = np.where(np.isnan(compared), template.genuine, compared)
        return known

    def _near(self, look: Look, brand: str) -> Recognition:
        """Hold a photo against a brand by embedding alone."""
        inputs = self.nearness(look, brand)
        return Recognition(
            brand=brand,
            score=self.scorer.unaligned(inputs),
            recognition=self.scorer.nearness(inputs) - self.scorer.near_above,
            references=self.enrolled(brand),
            inputs=inputs,
            look=look,
        )

    def nearness(self, look: Look, brand: str) -> NDArray[np.float64]:
        """Inputs NEARNESS of a brand."""
        distance = look.distances.get(brand, FAR)
        others = [d for b, d in look.distances.items() if b != brand]
        return np.array([distance, min(others, default=FAR) - distance, np.log(max(self.enrolled(brand), 1))])

    def enrolled(self, brand: str) -> int:
        """How many references of a brand there are to hold a photo against."""
        return sum(len(template) for template in self.references.templates(brand))


def _placed(look: Look, brand: str, template: Template) -> _Place | None:
    """Where a look aligns with a template, by features or else by appearance."""
    found = locate(look.features, template) or find(look.pixels, look.features, template)
    return _Place(brand, template, found) if found else None
