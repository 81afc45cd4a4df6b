"""Curve: ours again with fewer references a brand."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.forgery.baselines import our_row
from benchmarks.forgery.clustered import Estimate
from benchmarks.forgery.false_flags import at_rates
from benchmarks.forgery.figures import Figures, figures_of, labelled
from benchmarks.forgery.photo_set import PhotoSet
from benchmarks.forgery.readings import Ours, Tell, read_all
from vision.bundle import Bundle


@dataclass(frozen=True)
class Point:
    """Ours with so many references a brand."""

    references: int
    figures: Figures
    false_flags: Estimate  # at the run's alpha
    flagged_forged: Estimate
    undecided: Estimate

    def as_json(self) -> dict[str, object]:
        """As report.json holds it."""
        return asdict(self)


def curve(
    bundle: Bundle, photo_set: PhotoSet, counts: Sequence[int], alpha: float, full: Ours, tell: Tell
) -> tuple[list[Point], list[int]]:
    """A point a count, and the counts that are left out since the set holds fewer references a brand."""
    held = min(len(paths) for paths in photo_set.references.values())
    points = []
    for count in sorted({count for count in counts if count <= held}):
        ours = full if count == held else read_all(bundle, photo_set, [alpha], _naming(tell, count), count)
        points.append(_point(count, ours, alpha))
    return points, [count for count in counts if count > held]


def _naming(tell: Tell, count: int) -> Tell:
    return lambda stage, done, total: tell(f"{stage}, {count} references", done, total)


def _point(count: int, ours: Ours, alpha: float) -> Point:
    readings = ours.of_brands()
    rates = at_rates(readings, [alpha])[0]
    figures = figures_of(our_row(ours), labelled([one.listing for one in readings]))
    return Point(count, figures, rates.false_flags, rates.flagged_forged, rates.undecided)
