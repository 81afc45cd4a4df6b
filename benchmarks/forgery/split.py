"""Split: which brands are learned from, which are tuned on, and which only this benchmark sees, by name."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from training.pair_set import ARTWORK_SHARE
from training.synthesis.artwork import benchmark_brands, files, share_of, training_names

RULE = (
    "test: the emblems; no artwork whose name touches a brand of any benchmark is learned from. The rest is parted by "
    f"a digest of its name: below {ARTWORK_SHARE:g} networks learn from it, above the scorer and the calibration do"
)


@dataclass(frozen=True)
class Split:
    """Names of artwork by what may see it. Fictional brands, which no benchmark shows, come on top in training."""

    train: tuple[str, ...]
    tune: tuple[str, ...]
    test: tuple[str, ...]
    left_out: int  # artwork of a benchmark's brand, which nothing learns from

    def as_json(self, measured: Collection[str]) -> dict[str, object]:
        """Counts, the rule, and the brands measured on that are learned from, which must be none."""
        learned = {*self.train, *self.tune}
        return {
            "rule": RULE,
            "train": len(self.train),
            "tune": len(self.tune),
            "test": len(self.test),
            "left_out": self.left_out,
            "measured": len(measured),
            "measured_outside_test": sorted(set(measured) - {name.lower() for name in self.test}),
            "measured_and_learned": sorted(set(measured) & {name.lower() for name in learned}),
        }


def split_of(data: Path) -> Split:
    """The split of the artwork under `data`; without `artwork_svg` there nothing but emblems is named."""
    test = tuple(file.stem for file in files(data / "emblems"))
    artwork = data / "artwork_svg"
    if not artwork.is_dir():
        return Split((), (), test, 0)
    names = training_names(artwork, benchmark_brands(data))
    train = tuple(name for name in names if share_of(name) < ARTWORK_SHARE)
    tune = tuple(name for name in names if share_of(name) >= ARTWORK_SHARE)
    return Split(train, tune, test, len(files(artwork)) - len(names))
