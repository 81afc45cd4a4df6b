"""Tables: what was counted, each share with its 95% interval.

Intervals are Wilson's. In `wild` they take photographs for independent, which photographs of one brand are not quite:
read them as the least that is open. In `phone` nothing but scenes could be counted so, and they are too few for any.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.table import Table
from scipy import stats

from benchmarks.photographs.answer import ALPHAS, Answer, Answered
from vision.policy import Policy
from vision.verdict import Decision

KNOWN = ("trial", "path", "label", "brand", "slice", "mark_px")
FOUND = ("predicted", "outcome", "on_mark", "rank", "inliers", "recognition", "score", "p_value")
COLUMNS = (*KNOWN, *FOUND, *(f"at_{alpha:g}" for alpha in ALPHAS), "reasons", "seconds", "error")
SIZES_PX = ((0, 64), (64, 128), (128, 10_000))
NEAREST = Policy().candidate_brands  # tried unless the run says otherwise
Test = Callable[[Answer], bool]


def share(answers: Sequence[Answer], test: Test) -> str:
    """How many pass of how many, and the share's 95% interval (Wilson 1927)."""
    hits, n = sum(map(test, answers)), len(answers)
    if n == 0:
        return "-"
    interval = stats.binomtest(hits, n).proportion_ci(0.95, "wilson")
    return f"{hits} of {n}: {hits / n:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def wild_table(answers: Sequence[Answer]) -> Table:
    """The wild trial: what was recognised, and what became of it."""
    table = Table("real photographs in the wild", "of", title_justify="left")
    genuine = [one for one in answers if one.listing.label == "genuine" and not one.error]
    for name, part, test in (*_recognised(genuine), *_decided(genuine), *_strangers(answers)):
        table.add_row(name, share(part, test))
    return table


def _recognised(genuine: Sequence[Answer]) -> Iterator[tuple[str, Sequence[Answer], Test]]:
    right = [one for one in genuine if one.outcome == "right"]
    yield "recognised rightly", genuine, lambda one: one.outcome == "right"
    for low, high in SIZES_PX:
        sized = [one for one in genuine if one.mark_px is not None and low <= one.mark_px < high]
        yield f"  mark of {low} to {high} px", sized, lambda one: one.outcome == "right"
    yield "  of these aligned on the mark", right, lambda one: bool(one.on_mark)
    yield "  of these beside it", right, lambda one: one.on_mark is False
    yield "taken for another brand", genuine, lambda one: one.outcome == "wrong"
    yield "not recognised", genuine, lambda one: one.outcome == "missed"
    missed = [one for one in genuine if one.outcome == "missed"]
    yield "  of these its brand nearest by embedding", missed, lambda one: one.rank == 1
    yield f"  of these its brand not among the {NEAREST} nearest", missed, lambda one: (one.rank or 0) > NEAREST
    near = [one for one in missed if (one.rank or 0) <= NEAREST]
    yield "  of the rest not aligned with its brand", near, lambda one: one.inliers is None
    yield "  of the rest aligned, and not believed", near, lambda one: one.inliers is not None
    yield "would be recognised if claimed", genuine, lambda one: (one.recognition or -1.0) > 0


def _decided(genuine: Sequence[Answer]) -> Iterator[tuple[str, Sequence[Answer], Test]]:
    right = [one for one in genuine if one.outcome == "right"]
    for alpha in ALPHAS:
        yield f"genuine flagged at {alpha:g}", genuine, _decision(alpha, Decision.DIVERGENT)
        yield "  of the recognised", right, _decision(alpha, Decision.DIVERGENT)
        yield "  undecided, of the recognised", right, _decision(alpha, Decision.UNDECIDED)


def _strangers(answers: Sequence[Answer]) -> Iterator[tuple[str, Sequence[Answer], Test]]:
    for name in ("no logo", "storefront"):
        part = [one for one in answers if one.listing.slices["slice"] == name and not one.error]
        yield f"{name}: taken for an enrolled brand", part, lambda one: one.outcome == "false"
        yield "  and flagged at 0.05", part, _decision(0.05, Decision.DIVERGENT)


def _decision(alpha: float, decision: Decision) -> Test:
    return lambda one: one.decided(alpha, decision)


def brand_table(wild: Answered) -> Table:
    """How a brand's references fell into marks when they were enrolled, and what was recognised by them."""
    table = Table("brand", "references of each mark", "recognised", "flagged at 0.05")
    for brand, sizes in wild.enrolled.items():
        part = [one for one in wild.answers if one.listing.brand == brand and not one.error]
        right = sum(one.outcome == "right" for one in part)
        flagged = sum(map(_decision(0.05, Decision.DIVERGENT), part))
        table.add_row(brand, " ".join(map(str, sizes)), f"{right} of {len(part)}", str(flagged))
    return table


def phone_table(answers: Sequence[Answer]) -> Table:
    """The phone trial, a row a scene: its frames are near-identical and count as one."""
    head = ("scene", "brand", "label", "frames", "recognised", *(f"flagged at {alpha:g}" for alpha in ALPHAS))
    table = Table(*head, "undecided at 0.05", "p", "reasons")
    scenes = sorted({(one.listing.label, one.listing.brand or "", one.listing.slices["slice"]) for one in answers})
    for label, brand, scene in scenes:
        part = [one for one in answers if one.listing.slices["slice"] == scene]
        flags = (str(sum(map(_decision(alpha, Decision.DIVERGENT), part))) for alpha in ALPHAS)
        right = str(sum(one.outcome == "right" for one in part))
        open_ = str(sum(map(_decision(0.05, Decision.UNDECIDED), part)))
        table.add_row(scene, brand, label, str(len(part)), right, *flags, open_, _range(part), _reasons(part))
    return table


def _range(answers: Sequence[Answer]) -> str:
    known = [one.p_value for one in answers if one.p_value is not None]
    return f"{min(known):.3f} to {max(known):.3f}" if known else "-"


def _reasons(answers: Sequence[Answer]) -> str:
    return " ".join(sorted({reason for one in answers for reason in one.reasons}))


def write_csv(answers: Sequence[Answer], file: Path) -> None:
    """A row a photograph."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows(_row(one) for one in answers)


def _row(one: Answer) -> tuple[object, ...]:
    listing = one.listing
    known = (one.trial, listing.path, listing.label, listing.brand or "", listing.slices["slice"], one.mark_px)
    found = (one.predicted, one.outcome, one.on_mark, one.rank, one.inliers)
    numbers = (_number(one.recognition), _number(one.score), _number(one.p_value))
    decided = (*(one.decisions.get(alpha, "") for alpha in ALPHAS), " ".join(one.reasons))
    return (*known, *found, *numbers, *decided, f"{one.seconds:.3f}", one.error)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
