"""How fast a step descends."""

import math
from typing import Protocol


class Schedule(Protocol):
    """How long and how fast a run descends."""

    @property
    def steps(self) -> int:
        """All of them."""
        ...

    @property
    def warmup_steps(self) -> int:
        """The first, on which the rate grows."""
        ...

    @property
    def learning_rate(self) -> float:
        """The largest."""
        ...


def learning_rate(schedule: Schedule, step: int, spent: float = 0.0) -> float:
    """Linear warm-up, then half a cosine to zero at the last step, or when all of the time is `spent`, 0..1."""
    if step < schedule.warmup_steps:
        return schedule.learning_rate * (step + 1) / schedule.warmup_steps
    done = (step - schedule.warmup_steps) / max(1, schedule.steps - schedule.warmup_steps)
    return schedule.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, max(done, spent))))
