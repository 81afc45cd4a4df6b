"""Exhibits: sample listings of which it is known how they were made, with what was said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vision.photo import Photo
from vision.verdict import Decision, Finding, Verdict

ALTERATIONS = {
    "aspect": "proportions changed",
    "coarse_detail": "fine detail lost",
    "hue": "colours changed",
    "lettering": "lettering changed",
    "mirrored": "mirrored",
    "part_added": "a part added",
    "part_missing": "a part left out",
    "part_moved": "an inner part moved",
    "stroke_weight": "strokes heavier or lighter",
    "warped": "outline warped",
}


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One sample listing: what it is, and what was said of it."""

    path: Path
    label: str  # genuine | counterfeit | unrelated: how the sample was made
    brand: str  # true brand, empty where unrelated
    alteration: str  # what the design was changed by, empty where it was not
    severity: str
    photo: Photo
    verdict: Verdict
    seconds: float

    @property
    def flagged(self) -> bool:
        """Whether it was said to diverge."""
        return self.verdict.decision is Decision.DIVERGENT

    @property
    def truth(self) -> str:
        """How the sample was made, in words."""
        if self.label == "counterfeit":
            how = ALTERATIONS.get(self.alteration, self.alteration.replace("_", " "))
            return f"altered design: {how} (severity {self.severity} of 3)"
        return "genuine design" if self.label == "genuine" else "shows no enrolled brand"

    @property
    def finding(self) -> Finding | None:
        """The mark that was found, if any."""
        return next(iter(self.verdict.photos[0].regions), None)


@dataclass(frozen=True)
class Tally:
    """The counts that the page opens with."""

    listings: int
    genuine: int
    genuine_flagged: int
    recognised: int  # genuine listings whose brand was named rightly
    altered: int
    altered_flagged: int
    unrelated: int
    unrelated_recognised: int
    undecided: int

    @classmethod
    def of(cls, exhibits: Sequence[Exhibit]) -> "Tally":
        """Counted over the exhibits."""
        genuine, altered, unrelated = (
            [e for e in exhibits if e.label == label] for label in ("genuine", "counterfeit", "unrelated")
        )
        return cls(
            listings=len(exhibits),
            genuine=len(genuine),
            genuine_flagged=sum(e.flagged for e in genuine),
            recognised=sum(e.verdict.brand == e.brand for e in genuine),
            altered=len(altered),
            altered_flagged=sum(e.flagged for e in altered),
            unrelated=len(unrelated),
            unrelated_recognised=sum(e.verdict.brand is not None for e in unrelated),
            undecided=sum(e.verdict.decision is Decision.UNDECIDED for e in genuine + altered),
        )
