"""What inspects: a gallery and the inspector over it, and what the store has changed since it was built."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.gallery import Gallery
from index.staged import Staged
from index.store import Amendments, Drawn, Rollout
from index.store.rollouts import arm_of
from index.visible import Visible
from index.without import Without
from vision.calibration import GenuineScores
from vision.inspection import Inspector
from vision.recognition import References

OwnScores = Mapping[str, Sequence[GenuineScores]]  # by brand
_MOST_SPARE = 1000  # vectors searched beyond those asked for, of sets that are not to judge


@dataclass(frozen=True, eq=False)
class Baselines:
    """The gallery of the sets under roll-out as they were, and the brands' own scores against these."""

    references: References  # the gallery, less what is gone
    gallery: Gallery
    own: OwnScores = field(default_factory=dict)

    def less(self, gone: Collection[tuple[str, str]]) -> "Baselines":
        """Of the gallery, without these."""
        return replace(self, references=_less(self.gallery, gone))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Immutable. A request takes one, and is answered by it whatever changes meanwhile."""

    inspector: Inspector  # over the gallery, less what is gone
    gallery: Gallery
    own: OwnScores = field(default_factory=dict)  # that the inspector holds brands to
    baselines: Baselines | None = None
    amendments: Amendments = field(default_factory=Amendments)

    def amended(self, amendments: Amendments) -> "Snapshot":
        """The same, by the store as it is."""
        inspector = self.inspector.over(_less(self.gallery, amendments.gone))
        baselines = self.baselines and self.baselines.less(amendments.gone_from_baselines)
        return replace(self, inspector=inspector, baselines=baselines, amendments=amendments)

    def inspector_of(self, brands: Collection[str] | None, listing_id: str | None = None) -> Inspector:
        """Over all brands, or over these alone; those under roll-out as they are for this listing."""
        inspector = self._staged([each.brand for each in self._old(listing_id)])
        return inspector if brands is None else inspector.over(Visible(inspector.recogniser.references, brands))

    def drawn(self, listing_id: str | None, brands: Collection[str] | None) -> list[Drawn]:
        """What a listing was held against of the sets under roll-out, among all brands or these."""
        return [
            _drawn(each, listing_id)
            for each in self.amendments.rollouts
            if not each.is_over and (brands is None or each.brand in brands)
        ]

    def drawn_for(self, brand: str | None, listing_id: str | None) -> Drawn | None:
        """The same of one brand; None where its set is not being rolled out."""
        found = (_drawn(each, listing_id) for each in self.amendments.rollouts if each.brand == brand)
        return next(found, None)

    def _old(self, listing_id: str | None) -> list[Rollout]:
        return [each for each in self.amendments.rollouts if arm_of(each, listing_id) == "baseline"]

    def _staged(self, old: list[str]) -> Inspector:
        """The inspector, holding listings against these brands' baselines."""
        if not old or self.baselines is None:
            return self.inspector
        spare = min(_MOST_SPARE, sum(map(self.gallery.vectors_of, old)))
        own = {brand: scores for brand, scores in self.own.items() if brand not in old}
        own |= {brand: scores for brand, scores in self.baselines.own.items() if brand in old}
        staged = Staged(self.inspector.recogniser.references, self.baselines.references, old, spare)
        return self.inspector.over(staged).with_own(own)


def _less(gallery: Gallery, gone: Collection[tuple[str, str]]) -> References:
    return Without(gallery, frozenset(gone)) if gone else gallery


def _drawn(rollout: Rollout, listing_id: str | None) -> Drawn:
    arm = arm_of(rollout, listing_id)
    return Drawn(rollout.brand, rollout.begun, arm, rollout.candidate if arm == "candidate" else rollout.baseline)
