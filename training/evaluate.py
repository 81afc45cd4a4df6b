"""Evaluate: enrol references, inspect labelled listings, and say how good the answers were.

What is evaluated is what is served: the same Store, Gallery and Inspector. Needs no torch.
"""

import csv
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import folder
from index.own_scores import calibrated_by
from index.store import Place
from training import metrics
from training.listing import Listing, read
from training.nearness import Nearness, nearness
from training.nearness import report as retrieval_of
from vision.bundle import Bundle, Precision, carried
from vision.embedder import OnnxEmbedder
from vision.errors import OutputExists, TouchstoneError
from vision.evidence import picture
from vision.inspection import Inspector
from vision.photo import Photo, decode
from vision.policy import Policy
from vision.recognition import Recognition
from vision.verdict import Decision, Verdict

FPRS = (0.01, 0.05)
SCORE_COLUMNS = ("path", "label", "brand", "predicted_brand", "decision", "score", "p_value", "seconds", "error")
MAX_PICTURES = 24  # evidence pictures written: the worst mistakes and some of each answer
Progress = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True)
class Outcome:
    """What was answered about one listing."""

    listing: Listing
    predicted_brand: str = ""
    decision: str = Decision.UNDECIDED.value
    score: float | None = None
    p_value: float | None = None
    seconds: float = 0.0
    error: str = ""
    near: Nearness | None = None  # what the embedder alone says; None where it was not asked
    picture: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def row(self) -> dict[str, object]:
        """As a row of scores.csv."""
        return {
            "path": self.listing.path,
            "label": self.listing.label,
            "brand": self.listing.brand or "",
            "predicted_brand": self.predicted_brand,
            "decision": self.decision,
            "score": "" if self.score is None else f"{self.score:.6f}",
            "p_value": "" if self.p_value is None else f"{self.p_value:.6f}",
            "seconds": f"{self.seconds:.4f}",
            "error": self.error,
            **self.listing.slices,
        }


@dataclass(frozen=True)
class Evaluation:
    """The whole run: report.json's content and the outcomes behind it."""

    report: dict[str, Any]
    outcomes: tuple[Outcome, ...]


def run(
    references: Path,
    listings: Path,
    out: Path,
    alpha: float = 0.01,
    bundle: Path | None = None,
    seed: int = 0,
    force: bool = False,
    progress: Progress | None = None,
    data: Place | None = None,
    precision: Precision | None = None,
) -> Evaluation:
    """Evaluate and write `scores.csv`, `report.json` and `evidence/*.png` into `out`.

    Brands are judged by the own scores that `data` keeps of them, if it is given and their references are the same.

    `precision` is that of the bundle's towers, None the one that it serves.
    Nothing is drawn by chance; `seed` is recorded so that a report names the set it was asked for with.
    Errors: `OutputExists`, `FolderInvalid`, `ListingsInvalid`, `BundleInvalid`, all before any work.
    """
    tell = progress or (lambda stage, done, total: None)
    folders = folder.brand_folders(references)
    table = read(listings, folders)
    opened = Bundle.open(bundle or carried(), precision)
    _claim(out, force)
    started, embedder = time.perf_counter(), OnnxEmbedder(opened)
    with folder.passing_gallery(folders, embedder, lambda p: tell("enrol", p.done, p.total)) as gallery:
        inspector = Inspector.of(opened, embedder, gallery, Policy(alpha=alpha))
        if data is not None:
            inspector = calibrated_by(inspector, data, gallery)
        enrol_seconds = time.perf_counter() - started
        outcomes = []
        for done, listing in enumerate(table, 1):
            outcomes.append(examine(inspector, listing))
            tell("inspect", done, len(table))
    report = report_of(outcomes, alpha, enrol_seconds)
    report |= {"own_scores": sorted({*inspector.calibration.own, *inspector.calibration.simulated})}
    report |= {"seed": seed, "bundle": opened.spec.name, "embedder": embedder.fingerprint}
    _write(out, report, outcomes)
    return Evaluation(report, tuple(outcomes))


@dataclass(frozen=True, eq=False)
class Examination:
    """All that was seen of one listing that could be read."""

    photo: Photo
    found: Sequence[Recognition]
    verdict: Verdict
    held: Recognition | None  # against the true brand, where there is one
    seconds: float  # as served: without what only the true brand's score costs


def look(inspector: Inspector, listing: Listing) -> Examination:
    """Inspect one listing as serving would, not told its brand, and hold it against its true brand.

    Errors: `OSError`, `TouchstoneError` where it cannot be read.
    """
    started = time.perf_counter()
    photo = decode(listing.file.read_bytes())
    found = inspector.recogniser.recognise(photo)
    verdict = inspector.decide([found])
    seconds = time.perf_counter() - started
    held = next((r for r in found if r.brand == listing.brand), None)
    if held is None and listing.brand is not None:
        held = inspector.recogniser.hold(photo, listing.brand)
    return Examination(photo, found, verdict, held, seconds)


def examine(inspector: Inspector, listing: Listing) -> Outcome:
    """The outcome of one listing, also where it cannot be read."""
    try:
        seen = look(inspector, listing)
        return replace(outcome_of(listing, seen), near=_near(inspector, seen, listing))
    except (OSError, TouchstoneError) as fault:
        return Outcome(listing, error=str(fault))


def _near(inspector: Inspector, seen: Examination, listing: Listing) -> Nearness | None:
    looked = seen.found[0].look if seen.found else None
    return nearness(inspector.recogniser, seen.photo, looked, listing.brand) if looked else None


def outcome_of(listing: Listing, seen: Examination) -> Outcome:
    """What was answered; scored against the true brand where there is one, else as the verdict says."""
    return Outcome(
        listing,
        predicted_brand=seen.verdict.brand or "",
        decision=seen.verdict.decision.value,
        score=seen.held.score if seen.held else seen.verdict.score,
        p_value=seen.verdict.rate.p_value,
        seconds=seen.seconds,
        picture=_picture(seen.photo, seen.verdict),
    )


def _picture(photo: Photo, verdict: Verdict) -> bytes | None:
    regions = verdict.photos[0].regions
    return picture(photo, regions[0], verdict) if regions else None


def report_of(outcomes: Sequence[Outcome], alpha: float, enrol_seconds: float) -> dict[str, Any]:
    """The content of report.json. Listings that could not be read are counted and left out of every rate."""
    read_ones = [o for o in outcomes if not o.error]
    columns = list(read_ones[0].listing.slices) if read_ones else []
    spent = sum(o.seconds for o in read_ones)
    labels = [o.listing.label for o in read_ones]
    return {
        **_figures(read_ones, read_ones),
        "alpha": alpha,
        "photos_per_second": round(len(read_ones) / spent, 3) if spent else None,
        "enrol_seconds": round(enrol_seconds, 3),
        "counts": {label: labels.count(label) for label in ("genuine", "counterfeit", "unrelated")},
        "errors": len(outcomes) - len(read_ones),
        "retrieval": retrieval_of(_nearness(read_ones, "genuine"), _nearness(read_ones, "unrelated")),
        "slices": {c: _slices(read_ones, c) for c in columns},
    }


def _nearness(outcomes: Sequence[Outcome], label: str) -> list[Nearness]:
    return [o.near for o in outcomes if o.near is not None and o.listing.label == label]


def _slices(outcomes: Sequence[Outcome], column: str) -> dict[str, Any]:
    values = sorted({o.listing.slices[column] for o in outcomes} - {""})
    return {v: _figures([o for o in outcomes if o.listing.slices[column] == v], outcomes) for v in values}


def _figures(part: Sequence[Outcome], whole: Sequence[Outcome]) -> dict[str, Any]:
    """Figures of a part. Where it has no genuine listings (a slice by alteration), the whole's stand against it."""
    genuine = [o for o in part if o.listing.label == "genuine"]
    against = genuine or [o for o in whole if o.listing.label == "genuine"]
    forged = [o for o in part if o.listing.label == "counterfeit"]
    unrelated = [o for o in part if o.listing.label == "unrelated"]
    positive, negative = _scores(forged), _scores(against)
    return {
        "n": len(part),
        "auroc": metrics.auroc(positive, negative),
        "tpr_at_fpr": {str(fpr): metrics.tpr_at_fpr(positive, negative, fpr) for fpr in FPRS},
        "brand_recall_at_1": metrics.share([o.predicted_brand == o.listing.brand for o in genuine]),
        "false_recognition_rate": metrics.share([o.predicted_brand != "" for o in unrelated]),
        "false_flag_rate": metrics.share([o.decision == Decision.DIVERGENT for o in genuine]),
        "flagged_share": metrics.share([o.decision == Decision.DIVERGENT for o in forged]),
        "undecided_rate": metrics.share([o.decision == Decision.UNDECIDED for o in genuine + forged]),
    }


def _scores(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    return np.array([o.score for o in outcomes if o.score is not None], np.float64)


# --- files --------------------------------------------------------------------------------------


def _claim(out: Path, force: bool) -> None:
    """Make the result folder, refusing one that holds something unless forced."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not force:
            raise OutputExists(f"{out} already holds results; choose another folder or give --force to replace them")
        for stale in ("evidence", "scores.csv", "report.json", "index.html"):
            target = out / stale
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
    (out / "evidence").mkdir(parents=True, exist_ok=True)


def _write(out: Path, report: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
    extra = list(outcomes[0].listing.slices) if outcomes else []
    with (out / "scores.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*SCORE_COLUMNS, *(c for c in extra if c not in SCORE_COLUMNS)])
        writer.writeheader()
        writer.writerows(outcome.row for outcome in outcomes)
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for rank, outcome in enumerate(_worth_seeing(outcomes)):
        (out / "evidence" / f"{rank:02d}-{_kind(outcome)}.png").write_bytes(outcome.picture or b"")


def _worth_seeing(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes with a picture: mistakes first, then flags, each by how far they are off."""
    shown = [o for o in outcomes if o.picture is not None]
    order = {"false-flag": 0, "missed": 1, "false-recognition": 2, "flagged": 3, "passed": 4}
    by_kind: dict[str, list[Outcome]] = {kind: [] for kind in order}
    for outcome in sorted(shown, key=lambda o: -abs(o.score or 0.0)):
        by_kind[_kind(outcome)].append(outcome)
    quota = {"false-flag": 6, "missed": 6, "false-recognition": 4, "flagged": 4, "passed": 4}
    return [o for kind in order for o in by_kind[kind][: quota[kind]]][:MAX_PICTURES]


def _kind(outcome: Outcome) -> str:
    flagged = outcome.decision == Decision.DIVERGENT
    if outcome.listing.label == "unrelated":
        return "false-recognition"
    if outcome.listing.label == "genuine":
        return "false-flag" if flagged else "passed"
    return "flagged" if flagged else "missed"
