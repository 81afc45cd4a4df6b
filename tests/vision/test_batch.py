"""Verdicts decided together: as Benjamini-Hochberg says, and refused where the theorem does not reach."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vision.fakes import ColourEmbedder, plain_scorer
from tests.vision.scenes import template_of
from vision.batch import Nominating, decide_together
from vision.calibration import Calibration, GenuineScores
from vision.errors import BatchNotComparable
from vision.finding.neighbours import Neighbours
from vision.geometry.codebook import Codewords
from vision.inspection import Inspector
from vision.template import Template
from vision.verdict import Decision, PhotoFindings, Rate, Reason, ReasonCode, Verdict

POOLED = {n: GenuineScores.of("pooled", np.arange(499.0)) for n in (1, 2)}


class Counts:
    """References of so many photos a brand, which nobody searches here."""

    version = "v1"
    brands = ("acme", "bolt", "small")

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        raise NotImplementedError

    def votes(self, asked: Codewords) -> dict[str, float]:
        raise NotImplementedError

    def templates(self, brand: str) -> tuple[Template, ...]:
        return (template_of(9_000_001, 2).of(np.arange(1 if brand == "small" else 2)),)


def inspector_of(calibration: Calibration) -> Inspector:
    return Inspector(ColourEmbedder(), Counts(), plain_scorer(), calibration)


def nominated(p: float, brand: str = "acme", source: str = "pooled") -> Verdict:
    reasons = tuple(Reason(code, "why") for code in (ReasonCode.COLOUR_OFF, ReasonCode.CLAIMED_BRAND_ABSENT))
    rate = Rate(p, 0.01, 499, source, 0.009)
    return Verdict(Decision.DIVERGENT, brand, 1.0, rate, reasons, (PhotoFindings(()),), "v1", "e")


def test_the_batch_says_which_nominations_stand() -> None:
    unrecognised = replace(nominated(1.0), decision=Decision.UNRECOGNISED, brand=None)
    batch = [nominated(0.002), unrecognised, nominated(0.04, "bolt"), nominated(0.5), nominated(0.004)]
    decided = decide_together(batch, inspector_of(Calibration(POOLED)), 0.05)
    assert [v.decision.value for v in decided] == [
        "divergent",
        "unrecognised",
        "consistent",  # 0.04 > 0.05 * 3 / 4
        "consistent",
        "divergent",
    ]
    assert all(v.rate.bound is None for v in decided)
    assert decided[0].reasons == batch[0].reasons
    assert [reason.code for reason in decided[2].reasons] == [ReasonCode.CLAIMED_BRAND_ABSENT]


def test_a_batch_of_nothing_recognised_is_left_as_it_is() -> None:
    assert decide_together([], inspector_of(Calibration({})), 0.05) == []


def test_brands_held_to_several_sets_are_refused() -> None:
    with pytest.raises(BatchNotComparable, match=r"2: 'acme', of 2 references.*'small', of 1 references"):
        decide_together([nominated(0.1), nominated(0.1, "small")], inspector_of(Calibration(POOLED)), 0.05)


@pytest.mark.parametrize("source", ["listings", "simulated"])
def test_a_brand_judged_by_its_own_scores_is_refused(source: str) -> None:
    own = Calibration(POOLED).with_own({"bolt": [GenuineScores.of(source, np.zeros(299))]})
    assert decide_together([nominated(0.1)], inspector_of(own), 0.05)
    with pytest.raises(BatchNotComparable, match=f"'bolt'.*{source}"):
        decide_together([nominated(0.1), nominated(0.1, "bolt")], inspector_of(own), 0.05)


def test_whatever_has_a_p_value_is_nominated_and_nothing_else() -> None:
    nominating = Nominating(Calibration(POOLED))
    assert nominating.judge(-1.0, "acme", 2, 0.01).flagged
    assert nominating.judge(-1.0, "acme", 0, 0.01).flagged is None
