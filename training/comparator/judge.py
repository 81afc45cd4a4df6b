"""Judge: how well forgeries of brands that were not learned from are told from genuine listings."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from rich.table import Table
from torch import Tensor

from training.comparator.batches import gather
from training.comparator.config import ComparatorConfig
from training.comparator.cover import cover
from training.comparator.network import Comparator
from training.fault import FAULT_OF_KIND
from training.metrics import auroc, tpr_at_fpr
from training.pair_set import PairSet
from training.precision import computing_in
from vision.verdict import FAULTS

_BATCH = 64
UNSEEN = "unseen"  # kind of a forgery that something covers


@dataclass(frozen=True, eq=False)
class Judged:
    """Scores of `N` listings against `K` references each."""

    logit: NDArray[np.float64]  # [N, K]
    peak: NDArray[np.float64]  # [N] highest of the map, mean over references
    hit: NDArray[np.bool_]  # [N] whether the map's peak lies on or beside what was altered
    named: NDArray[np.bool_]  # [N] whether the likeliest fault is the planted one
    kind: NDArray[np.str_]  # [N]
    severity: NDArray[np.int64]  # [N]
    condition: NDArray[np.str_]  # [N]

    def auroc(self, chosen: NDArray[np.bool_] | None = None, references: int | None = None) -> float:
        """Of the mean logit over the first `references`, forged listings at `chosen` against the genuine.

        The genuine ones are all those taken under the conditions that the chosen ones were.
        """
        scores = self.logit[:, :references].mean(axis=1)
        chosen = (self.kind != "") if chosen is None else chosen & (self.kind != "")
        genuine = (self.kind == "") & np.isin(self.condition, self.condition[chosen])
        value = auroc(scores[chosen], scores[genuine])
        return float("nan") if value is None else value

    def figures(self) -> dict[str, float]:
        """The figures that a run writes down."""
        forged = self.kind != ""
        scores = self.logit.mean(axis=1)
        tpr = tpr_at_fpr(scores[forged], scores[~forged], 0.05)
        return {
            "auroc_1": self.auroc(references=1),
            "auroc": self.auroc(),
            "tpr_at_5": float("nan") if tpr is None else tpr,
            "auroc_peak": auroc(self.peak[forged], self.peak[~forged]) or float("nan"),
            "peak_hits": float(self.hit[forged].mean()),
            "named": float(self.named[forged].mean()),
        }


def covered(pairs: PairSet) -> PairSet:
    """The pairs with something over each listing, the same each time; of forgeries, those that are still half seen."""
    listings, altered = pairs.listings.copy(), pairs.altered.copy()
    hidden = np.zeros(pairs.kind.shape, np.bool_)
    for group, listing in np.argwhere(~hidden):
        other = pairs.listings[(group + 1) % len(pairs), listing].astype(np.float32) / 255
        rng = np.random.default_rng([int(pairs.brand[group]), listing])
        seen, mask = cover(listings[group, listing].astype(np.float32) / 255, other, rng)
        listings[group, listing] = np.round(seen * 255)
        left = altered[group, listing] & (mask < 0.5)
        hidden[group, listing] = left.sum() < 0.5 * altered[group, listing].sum()
        altered[group, listing] = left
    return replace(pairs, listings=listings, altered=altered, kind=np.where(hidden, UNSEEN, pairs.kind))


@torch.no_grad()
def judge(network: Comparator, pairs: PairSet, settings: ComparatorConfig, references: int | None = None) -> Judged:
    """Hold every listing of a pair set against its brand's references."""
    network.eval()
    rows = np.argwhere(pairs.kind != UNSEEN)
    group, listing = rows.T
    count = references or pairs.references.shape[1]
    held = [_held(network, pairs, rows, number, settings) for number in range(count)]
    logits, maps, faults = ([part[i] for part in held] for i in range(3))
    mean = np.mean(maps, axis=0)
    asked = np.array([FAULT_OF_KIND.get(str(kind)) for kind in pairs.kind[group, listing]])
    return Judged(
        np.stack(logits, axis=1),
        mean.reshape(len(mean), -1).max(axis=1),
        _hits(mean, pairs.altered[group, listing]),
        np.array(FAULTS)[np.mean(faults, axis=0).argmax(axis=1)] == asked,
        pairs.kind[group, listing],
        pairs.severity[group, listing],
        pairs.condition[group, listing],
    )


def _held(
    network: Comparator, pairs: PairSet, rows: NDArray[np.intp], reference: int, settings: ComparatorConfig
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """Logits `[N]`, maps `[N, C, C]` and fault logits `[N, F]` of all rows against one of their references."""
    said: list[tuple[Tensor, Tensor, Tensor]] = []
    for start in range(0, len(rows), _BATCH):
        batch = gather(pairs, rows[start : start + _BATCH], settings, reference=reference)
        with computing_in(settings.schedule.precision, torch.device("cpu")):
            parts = network(*(side.contiguous(memory_format=torch.channels_last)
                              for side in (batch.photo, batch.reference, batch.ink)))  # fmt: skip
        said.append(tuple(part.float() for part in parts))
    logit, drawn, faults = (torch.cat(parts).numpy() for parts in zip(*said, strict=True))
    return logit.astype(np.float64), drawn, faults


def _hits(maps: NDArray[np.float32], altered: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each map's highest cell lies within a cell of the altered area."""
    n, side, _ = maps.shape
    step = altered.shape[1] // side
    cells = altered.reshape(n, side, step, side, step).any(axis=(2, 4))
    near = torch.nn.functional.max_pool2d(torch.from_numpy(cells.astype(np.float32))[:, None], 3, 1, 1)[:, 0]
    peaks = maps.reshape(n, -1).argmax(axis=1)
    return np.asarray(near.numpy().reshape(n, -1)[np.arange(n), peaks] > 0)


def report(judged: Judged) -> Table:
    """AUROC by slice, with one reference and with all."""
    count = judged.logit.shape[1]
    table = Table(
        "slice", "n", "AUROC, 1 reference", f"{count} references", "peak hits", "named", title="unseen brands"
    )
    slices = [("all", np.ones(len(judged.kind), np.bool_))]
    slices += [(f"severity {s}", judged.severity == s) for s in (1, 2, 3)]
    slices += [(f"{c} listings", judged.condition == c) for c in np.unique(judged.condition)]
    slices += [(str(kind), judged.kind == kind) for kind in np.unique(judged.kind[judged.kind != ""])]
    for name, chosen in slices:
        forged = chosen & (judged.kind != "")
        if not forged.any():
            continue
        cells = [
            judged.auroc(chosen, 1),
            judged.auroc(chosen),
            float(judged.hit[forged].mean()),
            float(judged.named[forged].mean()),
        ]
        table.add_row(name, str(int(forged.sum())), *(f"{value:.3f}" for value in cells))
    return table
