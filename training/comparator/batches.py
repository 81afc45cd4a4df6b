"""Batches: pairs drawn from a pair set, half of them genuine."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.comparator.augmentation import NO_FAULT, Pairs
from training.comparator.config import ComparatorConfig
from training.fault import FAULT_OF_KIND
from training.pair_set import PairSet
from vision.verdict import FAULTS


def held_out(pairs: PairSet, every: int) -> NDArray[np.bool_]:
    """Which brands `[B]` judge: one in `every` of the fictional and of the drawn ones."""
    return np.asarray(pairs.brand // 2 % every == every - 1)


def batches(pairs: PairSet, settings: ComparatorConfig, first_step: int = 0) -> Iterator[Pairs]:
    """Endless batches of the brands not held out; a step's depends on the configuration's seed and the step alone."""
    learned = ~held_out(pairs, settings.pairs.held_out_every)[:, None]  # chosen by number: the pixels are not copied
    genuine, forged = (np.argwhere(learned & chosen) for chosen in (pairs.kind == "", pairs.kind != ""))
    half = settings.pairs.batch // 2
    step = first_step
    while True:
        rng = np.random.default_rng([settings.seed, step])
        rows = [part[rng.integers(len(part), size=half)] for part in (genuine, forged)]
        yield gather(pairs, np.concatenate(rows), settings, rng)
        step += 1


def gather(
    pairs: PairSet, rows: NDArray[np.intp], settings: ComparatorConfig, rng: np.random.Generator | None = None,
    reference: int = 0,
) -> Pairs:  # fmt: skip
    """The pairs of listings `rows` `[N, 2]` (group, listing) with a reference of chance, or the numbered one."""
    group, listing = rows.T
    kind = pairs.kind[group, listing]
    known = pairs.references[group, reference] if rng is None else _any_reference(pairs, rows, settings, rng)
    return Pairs(
        photo=_pixels(pairs.listings[group, listing]),
        reference=_pixels(known),
        ink=_layer(pairs.ink[group] / np.float32(255)),
        outline=_layer(pairs.mark[group]),
        altered=_layer(pairs.altered[group, listing]),
        forged=torch.from_numpy((kind != "").astype(np.float32)),
        weight=torch.from_numpy(np.where(kind == "aspect", settings.objective.aspect_weight, 1.0).astype(np.float32)),
        fault=torch.tensor([FAULTS.index(FAULT_OF_KIND[k]) if k else NO_FAULT for k in kind.tolist()]),
    )


def _any_reference(
    pairs: PairSet, rows: NDArray[np.intp], settings: ComparatorConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A reference for each row; for some, another genuine listing of the brand instead."""
    chosen = []
    for group, listing in rows:
        others = np.flatnonzero((pairs.kind[group] == "") & (np.arange(pairs.kind.shape[1]) != listing))
        if len(others) and rng.random() < settings.augment.listing_as_reference_share:
            chosen.append(pairs.listings[group, rng.choice(others)])
        else:
            chosen.append(pairs.references[group, rng.integers(pairs.references.shape[1])])
    return np.stack(chosen)


def _pixels(crops: NDArray[np.uint8]) -> Tensor:
    """[N, P, P, 3] bytes -> [N, 3, P, P] 0..1"""
    return torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 255


def _layer(values: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))[:, None]
