"""Recognition: which brand's mark a photo shows, and how it differs, as numbers.

A photo is embedded whole and in regions, the nearest brands are its candidates, and each is confirmed by geometry.
Where nothing is believed, its local features are asked which brands they speak for; then places in it are seen from
nearer, and marks are sought at them by their appearance.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.embedder import Embedder
from vision.errors import BrandUnknown
from vision.finding.look import Look
from vision.finding.neighbours import Neighbours
from vision.finding.placer import Placed, Placer
from vision.finding.placing import Place
from vision.finding.second_look import Closer
from vision.geometry.codebook import Codewords
from vision.geometry.features import extract
from vision.measures import divergence
from vision.measures.among import Among
from vision.measures.divergence import Divergence, PairComparator
from vision.photo import Photo
from vision.policy import Policy
from vision.regions import region
from vision.regions.detector import Detection, MarkDetector
from vision.scorer import Scorer, inputs_of
from vision.sighting import Sighting, sight
from vision.template import Template

FAR = 2.0  # cosine distance to a brand that no search reaches


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

    def votes(self, asked: Codewords) -> dict[str, float]:
        """What a photo's codewords give each brand (`vision/finding/inverted`), most first."""
        ...

    def templates(self, brand: str) -> tuple[Template, ...]:
        """A brand's templates; raises `BrandUnknown`."""
        ...


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
        self._among = None if comparator is None else Among(comparator, policy.max_references)

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
        placed = self._placer.first(look, [brand])
        held = [self._aligned(look, place) for place in placed.aligned]
        if not any(map(_is_believed, held)):
            held += self._nearer(self._placer.closer(photo, look, 0), look, placed, only=[brand])
        return max(held, key=lambda r: r.recognition) if held else self._near(look, brand)

    def against(self, look: Look, brand: str) -> Recognition | None:
        """Hold a look that was made over other references against a brand of these; None where it aligns with nothing.

        Every template is tried, whatever it costs: it is for the few looks that were flagged. `BrandUnknown`.
        """
        near = self.references.nearest(look.vectors, 1, brand).best_by_brand()
        look = replace(look, distances=near)
        place = self._placer.every(look, brand)
        return None if place is None else self._aligned(look, place)

    def recognise(self, photo: Photo, claimed_brand: str | None = None) -> list[Recognition]:
        """The brands a photo may show, likeliest first, the claimed one always among those tried."""
        if not self.references.brands:
            return []
        claimed = claimed_brand if claimed_brand in self.references.brands else None
        look = self._look(photo, claimed)
        candidates = list(look.distances)[: self.policy.candidate_brands]
        if claimed is not None and claimed not in candidates:
            candidates.append(claimed)
        placed = self._placer.first(look, candidates)
        held = self._compared_with(look, placed)
        if not any(map(_is_believed, held)):
            look = replace(look, voted=self._placer.voted(look.features, self.policy.voted_brands))
            farther = self._placer.first(look, [brand for brand in look.voted if brand not in candidates])
            held += self._compared_with(look, farther)
            placed = placed.and_then(farther)
        closer = self._placer.closer(photo, look, self.policy.voted_there)
        if not any(map(_is_believed, held)):
            held += self._nearer(closer, look, placed, always=[claimed] if claimed else [])
        if candidates[0] not in {*(place.brand for place in placed.aligned), *(r.brand for r in held)}:
            held.append(self._near(look, candidates[0]))
        named = (*look.voted, *closer.named)
        return _best_each([replace(r, look=replace(r.look, voted=named)) for r in held])

    def _look(self, photo: Photo, brand: str | None) -> Look:
        small = photo.fit(self.policy.working_side_px)
        regions = region.propose(small, self.policy.max_regions, self._detections(small))
        vectors = self.embedder.embed([region.crop(small, r) for r in regions])
        near = self.references.nearest(vectors, self.policy.neighbours)
        distances = near.best_by_brand()
        if brand is not None and brand not in distances:
            distances[brand] = self._nearest_of(vectors, brand)
        features = extract(small.pixels, self.policy.max_features)
        return Look(small.pixels, features, regions, vectors, near, distances)

    @property
    def _placer(self) -> Placer:
        return Placer(self.references.templates, self.references.votes, self.policy)

    def _detections(self, photo: Photo) -> tuple[Detection, ...]:
        """Marks found whosever they are; none where there is no detector."""
        if self.detector is None or self.policy.max_detections < 1:
            return ()
        return self.detector.detect(photo.pixels)[: self.policy.max_detections]

    def _compared_with(self, look: Look, placed: Placed) -> list[Recognition]:
        return [self._aligned(look, place) for place in placed.aligned[: self.policy.compared_brands]]

    def _nearer(
        self, closer: Closer, look: Look, placed: Placed, always: Sequence[str] = (), only: Sequence[str] = ()
    ) -> list[Recognition]:
        """What is seen from nearer (`Placer.nearer`), then what is sought, as far as the first that is believed."""
        nearer = self._placer.nearer(closer, look, placed, always, only)
        sought = self._placer.sought(closer, look, always, only)
        seen: list[Recognition] = []
        for near, place in chain(nearer, sought):
            seen.append(self._aligned(near, place))
            if _is_believed(seen[-1]):
                break
        return seen

    def _aligned(self, look: Look, place: Place) -> Recognition:
        """Hold a photo against the template it was aligned with."""
        brand, template = place.brand, place.template
        sighting = sight(look.pixels, look.features, template, place.alignment)
        close = self._nearest_of(self.embedder.embed([sighting.registered.pixels]), brand)
        sighting = replace(sighting, embedding=close, embedding_photo=self._distance(look, brand))
        measured = divergence.measure(sighting, template, self.policy.max_references, self.comparator)
        genuine = template.genuine if self._among is None else self._among.genuine(template)
        inputs = inputs_of(measured.measures, genuine)
        return Recognition(
            brand=brand,
            score=self.scorer.divergence(inputs),
            recognition=self.scorer.belief(inputs),
            references=self.enrolled(brand),
            inputs=inputs,
            look=look,
            template=template,
            sighting=sighting,
            divergence=measured,
        )

    def _distance(self, look: Look, brand: str) -> float:
        """How far a look's nearest region lies from a brand, also from one that other brands hide."""
        if brand in look.distances:
            return look.distances[brand]
        return self._nearest_of(look.vectors, brand)

    def _nearest_of(self, vectors: NDArray[np.float32], brand: str) -> float:
        """How far the nearest of some vectors `[Q, D]` lies from a brand's references."""
        return self.references.nearest(vectors, 1, brand).best_by_brand().get(brand, FAR)

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


def _is_believed(r: Recognition) -> bool:
    """Whether it is an alignment above the operating point."""
    return r.template is not None and r.recognition > 0


def _best_each(held: Sequence[Recognition]) -> list[Recognition]:
    """Of each brand what shows it best, likeliest first."""
    kept: dict[str, Recognition] = {}
    for r in sorted(held, key=lambda r: -r.recognition):
        kept.setdefault(r.brand, r)
    return list(kept.values())
