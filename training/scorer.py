"""Scorer: fit what stands between measures and verdict on rehearsed brands, and write it into a bundle.

Small networks and trees (`vision/scorer.py` says what each is for). Brands, never photographs, are divided
between fitting and the figures printed, and each brand weighs the same.

`python -m training.scorer RECORDS --bundle DIR`
"""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from training.assemble import put
from training.boosting import Growth, boost
from training.fault import FAULT_OF_KIND, LEAN
from training.metrics import auroc, tpr_at_fpr
from training.rehearsal import Records
from vision.bundle import Bundle, carried
from vision.errors import ConfigurationError
from vision.network import Network
from vision.odds import Odds
from vision.scorer import CLARITY_AT
from vision.verdict import FAULTS

FALSE_RECOGNITION = 0.0025  # of strangers' photos among two dozen brands: among a thousand it is more
MEMBERS = 10  # networks of different seeds averaged: one of them follows its start too much
FOLDS = 4
INDULGENCE = 0.9  # rehearsed: of hard genuine photos 9.9% instead of 11.6% lie above the 5% threshold; no power is lost
TREES_SHARE = 0.5  # rehearsed: AUROC in scenes 0.779 of both, 0.773 of the network, 0.772 of trees
HARD = "hard"  # the shooting condition that is hard to see by
Weights = tuple[list[list[float]], list[float]]


@dataclass(frozen=True)
class Shape:
    """Size and restraint of one network."""

    hidden: tuple[int, ...] = (12,)
    decay: float = 60.0  # L2 penalty, sklearn's alpha, which counts for less the more rows there are


RECOGNITION = Shape((12,), 50.0)


def fit_odds(
    inputs: NDArray[np.float64],
    asked: NDArray[np.bool_],
    weight: NDArray[np.float64],
    shape: Shape,
    growth: Growth | None = None,
) -> dict[str, Any]:
    """JSON form of a network and trees that give the log odds of `asked` `[R]` from inputs `[R, M]`."""
    network, trees = fit(inputs, asked, shape, weight), boost(inputs, asked, weight, growth)
    return {"network": network, "trees": trees, "trees_share": TREES_SHARE}


def fit(
    inputs: NDArray[np.float64], asked: NDArray[np.bool_ | np.int64], shape: Shape, weight: NDArray[np.float64]
) -> dict[str, Any]:
    """One network's JSON form: `MEMBERS` networks fitted to `[R, M]` inputs, laid side by side as one.

    `asked` is what each row is: true or false, or the number of its class, of which none may be lacking.
    """
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped,unused-ignore]
    from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped,unused-ignore]

    centre = np.median(inputs, axis=0)
    scale = np.percentile(np.abs(inputs - centre), 75, axis=0) + 1e-6
    even = np.arcsinh((inputs - centre) / scale)
    mean, deviation = even.mean(axis=0), even.std(axis=0) + 1e-6
    z = (even - mean) / deviation
    rng = np.random.default_rng(0)
    members = []
    for seed in range(MEMBERS):
        chosen = _resampled(asked, weight, rng)
        network = MLPClassifier(
            shape.hidden, activation="tanh", solver="lbfgs", alpha=shape.decay, max_iter=400, random_state=seed
        )
        with warnings.catch_warnings():  # the last steps of a descent move no score
            warnings.simplefilter("ignore", ConvergenceWarning)
            members.append(network.fit(z[chosen], asked[chosen]))
    (weights, bias), *others = _side_by_side(members)
    first = np.asarray(weights) / deviation[:, None]  # the standardisation, folded into the first layer
    layers = [(first.tolist(), (np.asarray(bias) - mean @ first).tolist()), *others]
    return {"centre": centre.tolist(), "scale": scale.tolist(), "layers": layers}


def _resampled(
    asked: NDArray[np.bool_ | np.int64], weight: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Rows drawn by weight, as many of each class: weights, balance and a bootstrap at once."""
    of_class = [np.flatnonzero(asked == value) for value in np.unique(asked)]
    each = max(1, len(asked) // len(of_class))
    return np.concatenate([rng.choice(rows, each, p=weight[rows] / weight[rows].sum()) for rows in of_class])


def _side_by_side(members: Sequence[Any]) -> list[Weights]:
    """Layers of one network whose output is the mean of the members' log odds."""
    first = np.concatenate([m.coefs_[0] for m in members], axis=1)
    layers: list[Weights] = [(first.tolist(), np.concatenate([m.intercepts_[0] for m in members]).tolist())]
    for depth in range(1, len(members[0].coefs_)):
        last = depth == len(members[0].coefs_) - 1
        blocks, bias = [m.coefs_[depth] for m in members], [m.intercepts_[depth] for m in members]
        if last:
            layers.append((np.concatenate(blocks).__truediv__(len(members)).tolist(), np.mean(bias, axis=0).tolist()))
        else:
            layers.append((_block_diagonal(blocks).tolist(), np.concatenate(bias).tolist()))
    return layers


def _block_diagonal(blocks: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    whole = np.zeros((sum(b.shape[0] for b in blocks), sum(b.shape[1] for b in blocks)))
    row = column = 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole


def apply(content: dict[str, Any], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds `[R]` of inputs `[R, M]` under a network's JSON form."""
    network = Network.of(content)
    return np.array([network(row) for row in inputs])


def apply_odds(content: dict[str, Any], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds `[R]` of inputs `[R, M]` under the JSON form of a network and trees."""
    odds = Odds.of(content)
    return np.array([odds(row) for row in inputs])


def apply_all(content: dict[str, Any], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """All outputs `[R, O]` of inputs `[R, M]` under a network's JSON form."""
    network = Network.of(content)
    return np.array([network.outputs(row) for row in inputs])


# --- what each network learns -------------------------------------------------------------------


def divergence_rows(records: Records) -> Records:
    """Photos aligned with their own brand: genuine against forged."""
    return records.where(records.own & records.aligned & ~records.astray)


def recognition_rows(records: Records) -> Records:
    """All aligned photos: held against their own brand or another."""
    return records.where(records.aligned & ~records.astray)


def balanced(groups: NDArray[np.str_], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights `[R]` under which each group counts alike, and positives as much as negatives."""
    _, index, counts = np.unique(groups, return_inverse=True, return_counts=True)
    weight = 1.0 / counts[index]
    weight[positive] /= weight[positive].sum()
    weight[~positive] /= weight[~positive].sum()
    return np.asarray(weight, np.float64)


def fit_all(records: Records) -> dict[str, Any]:
    """The scorer's JSON form from all records."""
    own, found = divergence_rows(records), recognition_rows(records)
    near = records
    own_near = records.where(records.own)
    content: dict[str, Any] = {
        **fit_divergence(own),
        "recognition": fit_recognition(found),
        "faults": fit_faults(own.where(own.label == "counterfeit")),
        "nearness": fit(near.nearness, near.own, Shape((4,), 1.0), balanced(brand_keys(near), near.own)),
        "unaligned": fit(
            own_near.nearness,
            own_near.label == "counterfeit",
            Shape((3,), 10.0),
            balanced(brand_keys(own_near), own_near.label == "counterfeit"),
        ),
    }
    return content | operating_points(content, records)


def fit_divergence(own: Records, shape: Shape | None = None, growth: Growth | None = None) -> dict[str, Any]:
    """What the nonconformity score is made of, from photos aligned with their own brand."""
    forged, hard = own.label == "counterfeit", own.condition == HARD
    keys = brand_keys(own)
    if hard.all() or not hard.any():
        raise ConfigurationError(
            "rehearsed photos are all hard or none is: rehearse more worlds with training.rehearsal"
        )
    return {
        "altered": fit_odds(own.measures, forged, balanced(keys, forged), shape or Shape(), growth),
        "obscured": fit(own.measures[:, CLARITY_AT], hard, Shape((6,), 10.0), balanced(keys, hard)),
        "indulgence": INDULGENCE,
    }


def divergences(content: dict[str, Any], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nonconformity scores `[R]` of inputs `[R, 2M]`, as `Scorer.divergence` gives them."""
    hard = 1 / (1 + np.exp(-apply(content["obscured"], inputs[:, CLARITY_AT])))
    return np.asarray(apply_odds(content["altered"], inputs) - float(content["indulgence"]) * hard, np.float64)


def fit_recognition(found: Records) -> dict[str, Any]:
    """Whether a photo shows the mark it is aligned with."""
    return fit_odds(found.measures, found.own, balanced(brand_keys(found), found.own), RECOGNITION)


def fit_faults(forged: Records) -> dict[str, Any]:
    """Which of FAULTS, from forgeries aligned with their own brand; each fault weighs alike."""
    number = np.array([FAULTS.index(FAULT_OF_KIND[str(kind)]) for kind in forged.alteration])
    counts = np.bincount(number, minlength=len(FAULTS))
    if counts.min() == 0:
        lacking = ", ".join(code for code, count in zip(FAULTS, counts, strict=True) if count == 0)
        raise ConfigurationError(f"no rehearsed forgery shows {lacking}: rehearse more worlds with training.rehearsal")
    content = fit(forged.measures, number, Shape((32,), 20.0), 1.0 / counts[number])
    return _leaning(content, LEAN)


def _leaning(content: dict[str, Any], logits: NDArray[np.float64]) -> dict[str, Any]:
    """A network whose outputs lean to some."""
    *layers, (weights, bias) = content["layers"]
    return content | {"layers": [*layers, (weights, (np.asarray(bias) + logits).tolist())]}


def brand_keys(records: Records) -> NDArray[np.str_]:
    """One key a brand and world."""
    names = np.where(records.brand == "", records.held, records.brand)
    return np.array([f"{w}/{b}" for w, b in zip(records.world, names, strict=True)])


def operating_points(content: dict[str, Any], records: Records) -> dict[str, float]:
    """Thresholds that at most `FALSE_RECOGNITION` of strangers' photos exceed.

    All of it goes to aligned marks: embedding alone is the weaker witness, and may take no stranger rehearsed.
    Aligned ones are scored by folds: what trees have learned from they know too well.
    """
    stranger = records.where(records.label == "unrelated")
    photos = np.array([f"{w}/{p}" for w, p in zip(stranger.world, stranger.photo, strict=True)])
    count = len(np.unique(photos))
    found = recognition_rows(records)
    strangers = recognised_by_folds(found)[found.label == "unrelated"]
    return {
        "recognised_above": _exceeded_by(strangers, FALSE_RECOGNITION, count),
        "near_above": _exceeded_by(apply(content["nearness"], stranger.nearness[~stranger.aligned]), 0.0, count),
    }


def _exceeded_by(scores: NDArray[np.float64], share: float, photos: int) -> float:
    """Threshold that `share` of so many photos exceed, and never below even odds."""
    allowed = int(share * photos)
    ordered = np.sort(scores)[::-1]
    return max(0.0, float(ordered[allowed]) if len(ordered) > allowed else 0.0)


# --- how good it is -----------------------------------------------------------------------------


def cross_validated(records: Records, shape: Shape | None = None) -> NDArray[np.float64]:
    """Divergence of each row of `divergence_rows`, by networks that saw none of its brand."""
    rows = divergence_rows(records)
    return _by_folds(rows, lambda seen, inputs: divergences(fit_divergence(seen, shape), inputs))


def recognised_by_folds(found: Records) -> NDArray[np.float64]:
    """Recognition of each row, by networks and trees that saw none of the brand it is held against."""
    return _by_folds(found, lambda seen, inputs: apply_odds(fit_recognition(seen), inputs))


def _by_folds(
    rows: Records, score: Callable[[Records, NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Scores of all rows, those of each fold of the brands by what is made of the other folds."""
    keys = brand_keys(rows)
    fold_of = {key: i % FOLDS for i, key in enumerate(np.random.default_rng(1).permutation(np.unique(keys)))}
    folds = np.array([fold_of[key] for key in keys])
    scores = np.zeros(len(keys))
    for fold in range(FOLDS):
        seen = folds != fold
        scores[~seen] = score(rows.where(seen), rows.measures[~seen])
    return scores


def report(records: Records, scores: NDArray[np.float64]) -> Table:
    """Figures of cross-validated scores by alteration and severity."""
    rows = divergence_rows(records)
    genuine = scores[rows.label == "genuine"]
    caption = _false_flags(scores, rows)
    table = Table("slice", "n", "AUROC", "TPR at 1%", "TPR at 5%", title="divergence, unseen brands", caption=caption)
    slices = [("all", rows.label == "counterfeit")]
    slices += [(f"severity {s}", rows.severity == s) for s in (1, 2, 3)]
    slices += [(str(kind), rows.alteration == kind) for kind in np.unique(rows.alteration[rows.alteration != ""])]
    for name, chosen in slices:
        forged = scores[chosen]
        figures = (auroc(forged, genuine), tpr_at_fpr(forged, genuine, 0.01), tpr_at_fpr(forged, genuine, 0.05))
        table.add_row(name, str(int(chosen.sum())), *("-" if f is None else f"{f:.3f}" for f in figures))
    return table


def _false_flags(scores: NDArray[np.float64], rows: Records) -> str:
    """How often genuine photos of each condition lie above the threshold that 5% of all exceed."""
    genuine = rows.label == "genuine"
    above = scores > np.quantile(scores[genuine], 0.95)
    conditions = np.unique(rows.condition[genuine])
    shares = [f"{c} {float(above[genuine & (rows.condition == c)].mean()):.3f}" for c in conditions]
    return f"genuine above the 5% threshold: {', '.join(shares)}"


def install(content: dict[str, Any], bundle: Bundle) -> Bundle:
    """The bundle with this scorer; a calibration of another is taken out."""
    return put(bundle, "scorer", f"{json.dumps(rounded(content))}\n".encode())


def rounded(value: Any) -> Any:
    """Six significant digits: what remains is noise of the fit."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def main(
    records: Annotated[Path, typer.Argument(help="Folder of world-*.npz that training.rehearsal wrote.")],
    bundle: Annotated[Path | None, typer.Option(help="Bundle to write the scorer into.")] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Only print the figures.")] = False,
) -> None:
    """Fit the scorer on rehearsed brands."""
    loaded = Records.load(sorted(records.glob("world-*.npz")))
    Console().print(report(loaded, cross_validated(loaded)))
    if not dry:
        install(fit_all(loaded), Bundle.open(bundle or carried()))


if __name__ == "__main__":
    typer.run(main)
