"""The plan of an evaluation set: which photographs are taken, of what, under which conditions.

Genuine and forged listings are drawn from one distribution of products and conditions. Each photograph has a
seed of its own.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.synthesis.artwork import Artwork
from training.synthesis.forgery import KINDS, SEVERITIES
from training.synthesis.product import PRODUCTS
from vision.errors import ConfigurationError

PRINTED = "printed"
HUELESS = frozenset({"metal", "monochrome", "embossed"})  # finishes that keep a mark's tones and not its hues
Rgba = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True)
class Plan:
    """How large a set is and what it shows. Half of each brand's listings are forged."""

    brands: int = 40
    references: int = 8  # a brand
    listings: int = 12  # a brand
    unrelated: int = 40
    skip_brands: int = 0  # artwork left out before the brands are chosen, e.g. because it was trained on
    products: tuple[str, ...] = PRODUCTS
    products_per_brand: int = 3
    reference_condition: str = "studio"
    finishes: tuple[str, ...] = (PRINTED,)  # brands come in print and in one of these, references and listings alike
    listing_conditions: tuple[str, ...] = ("mild", "mild", "mild", "hard")  # drawn evenly
    long_side_px: tuple[int, int] = (400, 720)
    markless_share: float = 0.25  # of the unrelated photographs: no mark at all
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Job:
    """One photograph to take. `kinds` is the order in which alterations are tried; empty for an unaltered mark."""

    path: str  # relative to the set's folder
    label: str  # reference, genuine, counterfeit or unrelated
    brand: str  # empty for unrelated
    artwork: Rgba | None  # None: only surroundings
    product: str
    condition: str
    kinds: tuple[str, ...]
    severity: int
    long_side_px: int
    seed: tuple[int, int]
    finish: str = PRINTED


def plan_jobs(plan: Plan, artworks: Sequence[Artwork]) -> list[Job]:
    """Every photograph of the set, references first, in an order that does not tell the labels."""
    needed = plan.skip_brands + plan.brands + (1 if plan.unrelated else 0)
    if len(artworks) < needed:
        raise ConfigurationError(
            f"{len(artworks)} pieces of artwork for {plan.brands} brands after {plan.skip_brands} skipped and some "
            f"unrelated: {needed} are needed. Give a larger folder or fewer brands."
        )
    rng = np.random.default_rng(plan.seed)
    order = [artworks[index] for index in rng.permutation(len(artworks))]
    enrolled = order[plan.skip_brands : plan.skip_brands + plan.brands]
    strangers = order[plan.skip_brands + plan.brands :]
    listings = [*_brand_listings(plan, enrolled, rng), *_unrelated(plan, strangers, rng)]
    shuffled = [listings[index] for index in rng.permutation(len(listings))]
    named = (dataclasses.replace(job, path=f"listings/{i:04d}.jpg") for i, job in enumerate(shuffled, start=1))
    jobs = [*_references(plan, enrolled, rng), *named]
    return [dataclasses.replace(job, seed=(plan.seed, number)) for number, job in enumerate(jobs)]


def _references(plan: Plan, enrolled: Sequence[Artwork], rng: Rng) -> Iterator[Job]:
    for index, artwork in enumerate(enrolled):
        products, finishes = _range_of(plan, index), _finishes_of(plan, index)
        for number in range(plan.references):
            product = products[number % len(products)]
            path = f"references/{artwork.name}/{number + 1:02d}.jpg"
            job = _job(plan, rng, "reference", artwork, product, path=path, condition=plan.reference_condition)
            yield dataclasses.replace(job, finish=finishes[number // len(products) % len(finishes)])


def _brand_listings(plan: Plan, enrolled: Sequence[Artwork], rng: Rng) -> Iterator[Job]:
    """Label, product, finish and condition are drawn apart: none tells another. Alterations take turns."""
    turn = 0
    for index, artwork in enumerate(enrolled):
        products, finishes = _range_of(plan, index), _finishes_of(plan, index)
        finish_rng = np.random.default_rng((plan.seed, 2, index))  # of its own: a set in print is drawn as ever
        for number in range(plan.listings):
            forged = number % 2 == 1
            product, finish = str(rng.choice(products)), str(finish_rng.choice(finishes))
            if not forged:
                yield dataclasses.replace(_job(plan, rng, "genuine", artwork, product), finish=finish)
                continue
            first = turn % len(KINDS)
            severity = SEVERITIES[(turn // len(KINDS) + turn) % len(SEVERITIES)]
            kinds = (KINDS[first], *(str(kind) for kind in rng.permutation(KINDS) if kind != KINDS[first]))
            job = _job(plan, rng, "counterfeit", artwork, product, kinds=kinds, severity=severity)
            yield _shown(dataclasses.replace(job, finish=finish))
            turn += 1


def _shown(job: Job) -> Job:
    """The job without the alteration that its finish or its circumstances would not show."""
    if job.finish not in HUELESS and job.condition != "mono":
        return job
    return dataclasses.replace(job, kinds=tuple(kind for kind in job.kinds if kind != "hue"))


def _unrelated(plan: Plan, strangers: Sequence[Artwork], rng: Rng) -> Iterator[Job]:
    """Marks of brands that are not enrolled, blank products, and surroundings with no product in them."""
    markless = round(plan.unrelated * plan.markless_share)
    for number in range(plan.unrelated):
        stranger = strangers[int(rng.integers(len(strangers)))]
        product = str(rng.choice(plan.products))
        if number < markless // 2:
            yield _job(plan, rng, "unrelated", None, "")
        elif number < markless:
            yield _job(plan, rng, "unrelated", Artwork("", np.zeros_like(stranger.pixels)), product)
        else:
            yield _job(plan, rng, "unrelated", stranger, product)


def _range_of(plan: Plan, brand_index: int) -> list[str]:
    """The classes of goods that one brand sells."""
    rng = np.random.default_rng((plan.seed, 1, brand_index))
    count = min(plan.products_per_brand, len(plan.products))
    return [str(product) for product in rng.permutation(plan.products)[:count]]


def _finishes_of(plan: Plan, brand_index: int) -> list[str]:
    """The finishes that one brand's mark comes in: print, and where the plan has others one of them."""
    others = [finish for finish in plan.finishes if finish != PRINTED]
    if not others:
        return [PRINTED]
    return [PRINTED, others[brand_index % len(others)]]


def _job(
    plan: Plan,
    rng: Rng,
    label: str,
    artwork: Artwork | None,
    product: str,
    path: str = "",
    condition: str = "",
    kinds: tuple[str, ...] = (),
    severity: int = 0,
) -> Job:
    drawn = str(rng.choice(plan.listing_conditions))
    long_side_px = int(rng.integers(plan.long_side_px[0], plan.long_side_px[1] + 1))
    brand = artwork.name if artwork is not None and label != "unrelated" else ""
    pixels = artwork.pixels if artwork is not None else None
    return Job(path, label, brand, pixels, product, condition or drawn, kinds, severity, long_side_px, (0, 0))
