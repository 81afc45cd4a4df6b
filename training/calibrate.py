"""Calibrate: the pooled genuine scores a bundle carries, one a brand, by number of references.

Brands are the unit: of each rehearsed brand one genuine listing counts, chosen by number and not by score,
so that scores are as independent as brands are. Scored as served: what would not have been recognised could
not have been flagged and is left out, what would have been taken for another brand counts with that score.

`python -m training.calibrate RECORDS --bundle DIR`
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from training.assemble import put
from training.rehearsal import Records
from training.scorer import brand_keys
from vision.bundle import Bundle, carried
from vision.calibration import allowed_rank, rate_bound
from vision.embedder import fingerprint
from vision.errors import BundleInvalid
from vision.inspection import comparator_of, detector_of, models_of
from vision.scorer import Scorer


def pooled(records: Records, scorer: Scorer) -> dict[int, list[float]]:
    """Genuine scores by number of references, one a brand."""
    genuine = records.where(records.label == "genuine")
    found: dict[int, list[float]] = {}
    keys = brand_keys(genuine)
    for key in np.unique(keys):
        of_brand = genuine.where(keys == key)
        score = next(
            (s for photo in np.unique(of_brand.photo) if (s := _served(of_brand, photo, scorer)) is not None), None
        )
        if score is not None:
            found.setdefault(int(of_brand.references[0]), []).append(score)
    return {count: sorted(scores) for count, scores in sorted(found.items())}


def _served(records: Records, photo: int, scorer: Scorer) -> float | None:
    """The score with which a photo would be judged; None where it would not be, for want of a recognised alignment."""
    best: tuple[float, float] | None = None
    for i in np.flatnonzero((records.photo == photo) & records.aligned):
        recognition = scorer.belief(records.measures[i])
        if recognition > 0 and (best is None or recognition > best[0]):
            best = (recognition, scorer.divergence(records.measures[i]))
    return best[1] if best else None


def install(scores: dict[int, list[float]], scorer: Scorer, bundle: Bundle) -> Bundle:
    """The bundle with these scores as its calibration."""
    rounded = {count: np.round(values, 5).tolist() for count, values in scores.items()}
    content = {"scorer": scorer.fingerprint, "unit": "brand", "pooled": rounded}
    return put(bundle, "calibration", f"{json.dumps(content)}\n".encode())


def main(
    records: Annotated[Path, typer.Argument(help="Folder of world-*.npz of brands the scorer was not fitted on.")],
    bundle: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Write pooled calibration scores into a bundle."""
    opened = Bundle.open(bundle or carried())
    path = opened.part("scorer")
    if path is None:
        raise BundleInvalid(f"bundle {opened.path.name} has no scorer; fit one with `python -m training.scorer` first")
    scorer = Scorer.load(path, models_of(fingerprint(opened.spec.embedder), comparator_of(opened), detector_of(opened)))
    scores = pooled(Records.load(sorted(records.glob("world-*.npz"))), scorer)
    install(scores, scorer, opened)
    table = Table("references", "brands", "flagged above at 1%", "bound", "flagged above at 5%", "bound")
    for count, values in scores.items():
        cells = [cell for alpha in (0.01, 0.05) for cell in _threshold(values, alpha)]
        table.add_row(str(count), str(len(values)), *cells)
    Console().print(table)


def _threshold(values: list[float], alpha: float) -> tuple[str, str]:
    k = allowed_rank(len(values), alpha)
    return (f"{values[-k]:.3f}", f"{rate_bound(k, len(values)):.4f}") if k else ("too few", "-")


if __name__ == "__main__":
    typer.run(main)
