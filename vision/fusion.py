"""Fusion: from what each photo of a listing shows to what the listing is decided by, and what does not fit together.

Pure: no photo is looked at here. The photo that shows a brand best decides, chosen before any divergence is compared,
so that many photos do not make a flag likelier; what the others say against it is reported and does not decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vision.verdict import Reason, ReasonCode


@dataclass(frozen=True)
class Shown:
    """One brand in one photo."""

    photo: int
    brand: str
    recognition: float  # above 0 is recognised, larger is surer
    flagged: bool | None = None  # what the photo by itself would be decided; None where it cannot be


@dataclass(frozen=True)
class Claim:
    """What a listing says of itself."""

    brand: str | None = None  # the brand that it claims
    unbranded: bool = False  # it says that it is of no brand; without either it says nothing


def deciding(shown: Sequence[Shown]) -> Shown | None:
    """What the verdict is about: the brand that any photo shows best, there; of equals the first. None without any."""
    return max((one for one in shown if one.recognition > 0), key=lambda one: one.recognition, default=None)


def conflicts(shown: Sequence[Shown]) -> list[Reason]:
    """Where other photos do not fit the one that decides. None where a single photo shows anything."""
    best = deciding(shown)
    if best is None:
        return []
    clearest = [one for one in _clearest(shown) if one.photo != best.photo]
    return [*_other_brands(best, clearest), *_disagreeing(best, clearest)]


def _clearest(shown: Sequence[Shown]) -> list[Shown]:
    """Of each photo what it shows best, in the order of the photos."""
    photos = sorted({one.photo for one in shown})
    found = (deciding([one for one in shown if one.photo == photo]) for photo in photos)
    return [one for one in found if one is not None]


def _other_brands(best: Shown, others: Sequence[Shown]) -> list[Reason]:
    """A reason for each further brand, at the photo that shows it best."""
    brands = sorted({one.brand for one in others} - {best.brand})
    where = (deciding([one for one in others if one.brand == brand]) for brand in brands)
    return [
        Reason(ReasonCode.SEVERAL_BRANDS, f"another photo shows the mark of {one.brand!r}", one.photo)
        for one in where
        if one is not None
    ]


def _disagreeing(best: Shown, others: Sequence[Shown]) -> list[Reason]:
    """A reason for each photo of the same brand that by itself would be decided the other way."""
    if best.flagged is None:
        return []
    word = "consistent" if best.flagged else "divergent"  # the others say the contrary
    return [
        Reason(ReasonCode.PHOTOS_DISAGREE, f"this photo shows the mark less well, and by itself is {word}", one.photo)
        for one in others
        if one.brand == best.brand and one.flagged is (not best.flagged)
    ]


def claim_reasons(claim: Claim, shown: Sequence[Shown]) -> list[Reason]:
    """Where the photos do not bear out what the listing says of itself."""
    brands = sorted({one.brand for one in shown if one.recognition > 0})
    if claim.unbranded and brands:
        best = deciding(shown)
        said = f"the listing claims no brand, and shows the mark of {', '.join(brands)}"
        return [Reason(ReasonCode.UNCLAIMED_MARK, said, best.photo if best else None)]
    if claim.brand is None or claim.brand in brands:
        return []
    reasons = [Reason(ReasonCode.CLAIMED_BRAND_ABSENT, f"no mark of the claimed brand {claim.brand!r} was recognised")]
    if brands:
        others = ", ".join(brands)
        reasons.append(Reason(ReasonCode.CLAIMED_BRAND_CONTRADICTED, f"the photos show the mark of {others}"))
    return reasons
