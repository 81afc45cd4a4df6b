"""The plan of a set of scenes: which listing photographs are composed, of whose marks, under which conditions.

The listed brands, and their reference photographs, are those that `plan` would choose with the same seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.synthesis.artwork import Artwork
from training.synthesis.forgery import KINDS, SEVERITIES
from training.synthesis.plan import Job, Plan, plan_jobs
from vision.errors import ConfigurationError

Rng = np.random.Generator


@dataclass(frozen=True)
class ScenePlan:
    """How large a set is and what it shows."""

    brands: int = 40  # that listings are about
    references: int = 8  # photographs a brand, as `listings` takes them; 0 for none
    scenes: int = 400  # about one of the brands, in turns
    unrelated: int = 80  # without any of their marks
    skip_brands: int = 0  # artwork left out before the brands are chosen
    forged_share: float = 0.5  # of the scenes about a brand
    markless_share: float = 0.4  # of the unrelated: no mark of anybody
    bystanders: int = 3  # other brands at hand for one scene
    conditions: tuple[str, ...] = ("mild", "mild", "mild", "hard")  # drawn evenly
    finishes: tuple[str, ...] = ("printed",)  # drawn evenly
    long_side_px: tuple[int, int] = (480, 800)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class SceneJob:
    """One scene to compose. `kinds` is the order in which alterations are tried; empty for the brand's own design."""

    path: str
    label: str  # genuine, counterfeit or unrelated
    listed: Artwork | None
    bystanders: tuple[Artwork, ...]
    kinds: tuple[str, ...]
    severity: int
    condition: str
    finishes: tuple[str, ...]
    long_side_px: int
    seed: tuple[int, int]


def reference_jobs(plan: ScenePlan, artworks: Sequence[Artwork]) -> list[Job]:
    """The reference photographs of the listed brands."""
    return plan_jobs(Plan(plan.brands, plan.references, 0, 0, plan.skip_brands, seed=plan.seed), artworks)


def scene_jobs(plan: ScenePlan, artworks: Sequence[Artwork]) -> list[SceneJob]:
    """Every scene, in an order that does not tell the labels."""
    needed = plan.skip_brands + plan.brands + (1 if plan.unrelated else 0)
    if len(artworks) < needed:
        raise ConfigurationError(
            f"{len(artworks)} pieces of artwork for {plan.brands} brands after {plan.skip_brands} skipped and some "
            f"bystanders: {needed} are needed. Give a larger folder or fewer brands."
        )
    order = [artworks[index] for index in np.random.default_rng(plan.seed).permutation(len(artworks))]
    listed = order[plan.skip_brands : plan.skip_brands + plan.brands]
    strangers = order[plan.skip_brands + plan.brands :]
    rng = np.random.default_rng([plan.seed, 0x5CE])
    places = rng.permutation(plan.scenes + plan.unrelated)
    return [_job(plan, listed, strangers, number, int(turn), rng) for number, turn in enumerate(places)]


def _job(
    plan: ScenePlan, listed: Sequence[Artwork], strangers: Sequence[Artwork], number: int, turn: int, rng: Rng
) -> SceneJob:
    """Scene `number` of the set; `turn` says whose and whether altered. Draws alike for every label."""
    condition = str(rng.choice(plan.conditions))
    long_side_px = int(rng.integers(plan.long_side_px[0], plan.long_side_px[1] + 1))
    kinds = tuple(str(kind) for kind in rng.permutation(KINDS))
    drawn = rng.integers(2**31, size=plan.bystanders)
    severity = int(rng.choice(SEVERITIES))
    about = turn < plan.scenes
    artwork = listed[turn % len(listed)] if about else None
    forged = about and _takes_turn(turn // len(listed), plan.forged_share)
    label = "counterfeit" if forged else "genuine" if about else "unrelated"
    markless = not about and (turn - plan.scenes) < plan.markless_share * plan.unrelated
    others = () if markless or not strangers else tuple(strangers[int(d) % len(strangers)] for d in drawn)
    return SceneJob(
        path=f"listings/{number + 1:05d}.jpg",
        label=label,
        listed=artwork,
        bystanders=others,
        kinds=kinds if forged else (),
        severity=severity if forged else 0,
        condition=condition,
        finishes=plan.finishes,
        long_side_px=long_side_px,
        seed=(plan.seed, number),
    )


def _takes_turn(round_number: int, share: float) -> bool:
    """Whether a brand's scene of this round is altered, so that about `share` of them are."""
    return int((round_number + 1) * share) > int(round_number * share)
