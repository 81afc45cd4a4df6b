"""The match budget: how much of all that is inspected one reference may be nearest in. Pure: no store, no clock.

A white square taken for a reference, or a common shape, can come to match everything. What gives it away is a share of
inspections that is large, and many times what its brand had without it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class MatchBudget:
    """What is allowed of a reference, over the inspections of the last day."""

    fewest: int = 200  # inspections below which nothing is judged
    max_share: float = 0.2  # of inspections: below it a reference is left alone, whatever its brand's share
    factor: float = 5.0  # times its brand's own share


@dataclass(frozen=True)
class Matched:
    """Where one reference was nearest, and its brand without it."""

    nearest: int  # inspections it was nearest in
    inspections: int  # in all
    by_others: int  # inspections another reference of the brand was nearest in
    before: float  # share of inspections that the brand was recognised in before the reference joined, 0..1
    brands: int  # enrolled: a brand of which nothing is known yet is allowed an equal share


def overdrawn(matched: Matched, budget: MatchBudget) -> str | None:
    """In words, by how much a reference passes the budget; None where it keeps it."""
    if matched.inspections < budget.fewest:
        return None
    share = matched.nearest / matched.inspections
    own = max(matched.by_others / matched.inspections, matched.before, 1 / max(matched.brands, 1))
    if share <= budget.max_share or share <= budget.factor * own:
        return None
    return (
        f"nearest in {share:.0%} of the last {matched.inspections} inspections; its brand's own share is {own:.1%}, "
        f"and {budget.factor:g} times that is allowed"
    )
