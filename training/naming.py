"""Naming: fit what the closer look at flagged marks adds to the naming of faults, and write it into a bundle.

The scorer's network of faults stays as it is. What is fitted here is added to its logits: one layer from the evidence
of `vision/faults/naming.py`, held small, since only forgeries can teach it. Brands are divided, as for the scorer: the
logits that are added to come from networks that saw none of the brand.

`python -m training.naming RECORDS --bundle DIR`
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from training.assemble import put
from training.fault import FAULT_OF_KIND, LEAN
from training.rehearsal import Records
from training.scorer import FOLDS, apply_all, brand_keys, divergence_rows, fit_faults, rounded
from vision.bundle import Bundle, carried
from vision.errors import ConfigurationError
from vision.scorer import Scorer
from vision.verdict import FAULTS

DECAY = 20.0  # L2 penalty on weights, in forgeries
UNFLAGGED = 0.1  # what a forgery that would not be flagged weighs: naming follows a flag
FLAG_RATE = 0.01  # of genuine photos, above which a forgery is taken for flagged
MOST, LEAST = 2, 0.2  # names a flag gets, and the share of belief a name needs: as `Scorer.reasons` has them

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lesson:
    """Forgeries aligned with their own brand, looked at closer."""

    records: Records
    logits: Rows  # [R, F] of a network of faults that saw none of the brand
    flagged: NDArray[np.bool_]  # [R] by the bundle's scorer

    def where(self, keep: NDArray[np.bool_]) -> "Lesson":
        """The forgeries at `keep`."""
        return Lesson(self.records.where(keep), self.logits[keep], self.flagged[keep])


def numbers(records: Records) -> NDArray[np.int64]:
    """The number in FAULTS of what each forgery was given."""
    return np.array([FAULTS.index(FAULT_OF_KIND[str(kind)]) for kind in records.alteration])


def lesson(records: Records, scorer: Scorer) -> Lesson:
    """What the records teach. Errors: `ConfigurationError` where they hold no closer look."""
    own = divergence_rows(records)
    forged = np.asarray(own.label == "counterfeit")
    looked = np.asarray(np.isfinite(own.evidence).all(axis=1), np.bool_)
    if not np.any(forged & looked):
        raise ConfigurationError("no record holds a closer look: rehearse the worlds anew with training.rehearsal")
    scores = np.array([scorer.divergence(row) for row in own.measures])
    flagged = np.asarray(scores > np.quantile(scores[~forged], 1 - FLAG_RATE), np.bool_)
    altered = own.where(forged)
    chosen = np.flatnonzero(forged)
    whole = Lesson(altered, _logits(altered), flagged[chosen])
    return whole.where(np.asarray(looked[chosen], np.bool_))


def _logits(forged: Records) -> Rows:
    """Logits `[R, F]` of forgeries, each by a network that saw none of its brand."""
    folds = folds_of(forged)
    logits = np.zeros((len(folds), len(FAULTS)))
    for fold in range(FOLDS):
        seen = folds != fold
        logits[~seen] = apply_all(fit_faults(forged.where(seen)), forged.measures[~seen])
    return logits


def fit(taught: Lesson) -> dict[str, Any]:
    """The naming's JSON form."""
    evidence = taught.records.evidence
    centre, scale = evidence.mean(axis=0), evidence.std(axis=0) + 1e-6
    weights = _weights(np.arcsinh((evidence - centre) / scale), taught)
    bias = np.zeros(len(FAULTS))  # how common faults are is the scorer's to know
    return {"centre": centre.tolist(), "scale": scale.tolist(), "layers": [[weights.tolist(), bias.tolist()]]}


def _weights(even: Rows, taught: Lesson) -> Rows:
    """Weights `[E, F]` under which softmax(logits + even @ weights) tells the faults best."""
    from scipy.optimize import minimize  # type: ignore[import-untyped,unused-ignore]

    number = numbers(taught.records)
    worth = np.where(taught.flagged, 1.0, UNFLAGGED)
    total = worth.sum()
    worth = worth / np.sqrt(np.bincount(number, worth, len(FAULTS))[number])
    worth *= total / worth.sum()
    planted, level = np.eye(len(FAULTS))[number], taught.logits - LEAN

    def loss(flat: Rows) -> tuple[float, Rows]:
        weights = flat.reshape(even.shape[1], len(FAULTS))
        said = level + even @ weights
        log_shares = said - np.logaddexp.reduce(said, axis=1, keepdims=True)
        value = -float((worth[:, None] * planted * log_shares).sum()) + DECAY / 2 * float((weights**2).sum())
        slope = even.T @ (worth[:, None] * (np.exp(log_shares) - planted)) + DECAY * weights
        return value, slope.ravel()

    start = np.zeros(even.shape[1] * len(FAULTS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return np.asarray(found.x.reshape(even.shape[1], len(FAULTS)), np.float64)


# --- how good it is -----------------------------------------------------------------------------


def folds_of(records: Records, seed: int = 1) -> NDArray[np.int64]:
    """The fold `[R]` of each record's brand."""
    keys = brand_keys(records)
    order = np.random.default_rng(seed).permutation(np.unique(keys))
    fold_of = {key: i % FOLDS for i, key in enumerate(order)}
    return np.array([fold_of[key] for key in keys])


def cross_validated(taught: Lesson) -> Rows:
    """Logits `[R, F]` with the closer look, each by weights that saw none of the brand."""
    folds = folds_of(taught.records, seed=2)
    added = taught.logits.copy()
    for fold in range(FOLDS):
        seen = folds != fold
        added[~seen] += apply_all(fit(taught.where(seen)), taught.records.evidence[~seen])
    return added


def named(logits: Rows) -> NDArray[np.bool_]:
    """Which of FAULTS `[R, F]` a flag would name."""
    shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    least = np.sort(shares, axis=1)[:, -MOST]
    return np.asarray((shares >= least[:, None]) & (shares >= LEAST), np.bool_)


def report(taught: Lesson) -> Table:
    """How many of each kind's flagged forgeries have their fault named, without the closer look and with it."""
    number = numbers(taught.records)
    caption = "flagged forgeries, by networks that saw none of their brand"
    table = Table("altered design", "flagged", "named before", "named now", title="naming", caption=caption)
    rows = np.arange(len(number))
    hits = [named(logits)[rows, number] for logits in (taught.logits, cross_validated(taught))]
    for kind in (*FAULT_OF_KIND, "all"):
        chosen = taught.flagged & ((taught.records.alteration == kind) | (kind == "all"))
        shares = [f"{hit[chosen].mean():.3f}" if chosen.any() else "-" for hit in hits]
        table.add_row(kind, str(int(chosen.sum())), *shares)
    return table


def main(
    records: Annotated[Path, typer.Argument(help="Folder of world-*.npz that training.rehearsal wrote.")],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to write into; its scorer flags.")] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Only print the figures.")] = False,
) -> None:
    """Fit the naming on rehearsed forgeries."""
    opened = Bundle.open(bundle or carried())
    scorer = opened.part("scorer")
    if scorer is None:
        raise ConfigurationError(f"bundle {opened.path.name} has no scorer: fit it first with training.scorer")
    taught = lesson(Records.load(sorted(records.glob("world-*.npz"))), Scorer.load(scorer, ""))
    Console().print(report(taught))
    if not dry:
        put(opened, "naming", f"{json.dumps(rounded(fit(taught)))}\n".encode())


if __name__ == "__main__":
    typer.run(main)
