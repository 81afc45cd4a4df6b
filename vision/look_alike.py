"""Look-alikes: marks that a brand knows and does not want flagged, whoever's they are.

A brand's *negative references* show them: a licensee's mark, its own of former days, a parody, another owner's. They
are never evidence that a photo shows the brand. Only a mark that was recognised as the brand's and flagged is held
against them, by the same alignment and the same measures as against the genuine references.
"""

from dataclasses import dataclass

from vision.calibration import Judge
from vision.recognition import Recogniser, Recognition
from vision.sighting import box_of
from vision.verdict import Reason, ReasonCode

LIKE = 0.2  # of its own kind's scores, at least this share is as large as the mark's: a p-value


@dataclass(frozen=True, eq=False)
class LookAlikes:
    """Holds flagged marks against their brands' negative references."""

    recogniser: Recogniser  # over the negative references, under the ids of the brands that named them
    judge: Judge  # of marks held against as many references of their own kind

    def explaining(self, flagged: Recognition) -> Recognition | None:
        """What a flagged mark shows of a look-alike, where it resembles one at least as well as the genuine.

        It has to be recognisable as the look-alike, as a photo has to be as a brand; to diverge from it no more than
        from the genuine references; and no more than a photo of the look-alike itself well may. The last is what keeps
        forgeries flagged: they diverge from both, and from fewer references a little less. None else.
        """
        if flagged.brand not in self.recogniser.references.brands:
            return None
        seen = self.recogniser.against(flagged.look, flagged.brand)
        if seen is None or seen.recognition <= 0 or seen.score > flagged.score:
            return None
        p = self.judge.judge(seen.score, seen.brand, seen.references, alpha=LIKE).rate.p_value
        return seen if p is not None and p >= LIKE else None


def reason_of(seen: Recognition, photo: int) -> Reason:
    """What is answered instead of a flag: which negative reference it resembles, and where in photo number `photo`."""
    assert seen.template is not None
    assert seen.sighting is not None
    assert seen.divergence is not None
    negative = seen.template.reference_ids[seen.divergence.nearest]
    words = f"the mark resembles negative reference {negative!r} at least as well as the genuine references"
    return Reason(ReasonCode.KNOWN_LOOK_ALIKE, words, photo, box_of(seen.template.mark, seen.sighting), negative)
