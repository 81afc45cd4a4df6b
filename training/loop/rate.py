"""How fast a step descends."""

import math

from training.config import ScheduleConfig


def learning_rate(schedule: ScheduleConfig, step: int) -> float:
    """Linear warm-up, then half a cosine to zero."""
    if step < schedule.warmup_steps:
        return schedule.learning_rate * (step + 1) / schedule.warmup_steps
    done = (step - schedule.warmup_steps) / max(1, schedule.steps - schedule.warmup_steps)
    return schedule.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
