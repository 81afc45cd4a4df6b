"""Batch: verdicts decided together, so that of all flags no more than a stated share is expected to be false."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision.calibration import POOLED, Judge, Judgement, benjamini_hochberg
from vision.errors import BatchNotComparable
from vision.inspection import Inspector
from vision.verdict import Decision, ReasonCode, Verdict

CLAIMS = (ReasonCode.CLAIMED_BRAND_ABSENT, ReasonCode.CLAIMED_BRAND_CONTRADICTED, ReasonCode.UNCLAIMED_MARK)


@dataclass(frozen=True)
class Nominating:
    """A judge that flags whatever has a p-value: its verdicts name reasons, and the batch says which stand."""

    judge_alone: Judge

    def judge(self, score: float, brand: str, references: int, alpha: float) -> Judgement:
        """As the other judges, flagged."""
        judgement = self.judge_alone.judge(score, brand, references, alpha)
        return replace(judgement, flagged=None if judgement.rate.p_value is None else True)


def decide_together(verdicts: Sequence[Verdict], inspector: Inspector, rate: float) -> list[Verdict]:
    """The batch's verdicts, made with `Nominating`, by Benjamini-Hochberg at false discovery rate `rate`.

    Undecided for want of evidence and unrecognised ones stay as they are and out of the count. Errors:
    `BatchNotComparable` where the p-values do not all come from one pooled calibration set.
    """
    nominated = [verdict for verdict in verdicts if verdict.decision is Decision.DIVERGENT]
    _require_one_set(nominated, inspector)
    p_values = np.array([verdict.rate.p_value for verdict in nominated], np.float64)
    stands = iter(benjamini_hochberg(p_values, rate).tolist())
    return [_decided(verdict, verdict.decision is Decision.DIVERGENT and next(stands)) for verdict in verdicts]


def _decided(verdict: Verdict, stands: bool) -> Verdict:
    """By the batch, so that no bound on the rate of a threshold applies."""
    unbounded = replace(verdict, rate=replace(verdict.rate, bound=None))
    if stands or verdict.decision is not Decision.DIVERGENT:
        return unbounded
    claims = tuple(reason for reason in verdict.reasons if reason.code in CLAIMS)
    return replace(unbounded, decision=Decision.CONSISTENT, reasons=claims)


def _require_one_set(verdicts: Sequence[Verdict], inspector: Inspector) -> None:
    """Refuse what the theorem does not cover: p-values of several calibration sets need not depend positively."""
    sets: dict[int, str] = {}  # identity of a set -> a word about it, with a brand that is held to it
    for brand in sorted({verdict.brand for verdict in verdicts if verdict.brand is not None}):
        references = inspector.recogniser.enrolled(brand)
        genuine = inspector.calibration.scores_for(brand, references, inspector.policy.alpha)
        if genuine.source != POOLED:
            raise BatchNotComparable(
                f"--fdr needs one pooled calibration set, and {brand!r} is judged by its own {genuine.source} scores; "
                "inspect it by itself without --fdr"
            )
        sets.setdefault(id(genuine), f"{brand!r}, of {references} references, by {len(genuine.values)} brands")
    if len(sets) > 1:
        raise BatchNotComparable(
            f"--fdr needs one pooled calibration set, and here are {len(sets)}: {'; '.join(sets.values())}; "
            "inspect brands of as many references together"
        )
