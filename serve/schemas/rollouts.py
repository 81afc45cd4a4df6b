"""What goes over the wire about roll-outs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from index.store import Arm, ArmCount, Rollout
from serve.schemas.wire import Wire


class RolloutRequest(Wire):
    """What share of listings the set as it is judges."""

    share: Annotated[float, Field(ge=0, le=1)]
    baseline: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None  # version that judges the others: the newest
    seed: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None  # of the draw: 0, or as it was


class ArmResponse(Wire):
    """What became of the listings that one version was drawn for."""

    arm: Arm
    version: int  # of the set
    listings: int  # inspections, whatever they show
    recognised: int  # of them, as this brand
    flagged: int
    undecided: int


class RolloutResponse(Wire):
    """A roll-out under way, in effect once /ready shows `gallery_store_version` >= `begun`; later shares at once."""

    brand: str
    baseline: int  # version of the set
    candidate: int  # the same: it moves with the set
    share: float
    seed: int
    begun: int  # version of the store
    started_at: datetime
    arms: list[ArmResponse]  # of the caller's organisation's inspections

    @classmethod
    def from_domain(cls, rollout: Rollout, counts: Sequence[ArmCount]) -> "RolloutResponse":
        """As stored."""
        return cls(
            brand=rollout.brand,
            baseline=rollout.baseline,
            candidate=rollout.candidate,
            share=rollout.share,
            seed=rollout.seed,
            begun=rollout.begun,
            started_at=rollout.started,
            arms=[ArmResponse(**vars(each)) for each in counts],
        )


class PromotionResponse(Wire):
    """A roll-out that is over: the set as it is judges all listings."""

    brand: str
    version: int  # of the store
