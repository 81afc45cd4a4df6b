"""Trees: boosted decision trees as plain arrays, walked all at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trees:
    """`T` complete binary trees of one depth `D` over inputs `[M]`; node i has the children 2i + 1 and 2i + 2."""

    depth: int
    feature: NDArray[np.intp]  # [T, 2^D - 1] input that a node looks at
    threshold: NDArray[np.float64]  # [T, 2^D - 1] above it the walk goes to the second child
    value: NDArray[np.float64]  # [T, 2^D] log odds of the leaves
    bias: float

    def __call__(self, inputs: NDArray[np.float64]) -> float:
        """Log odds of one input `[M]`."""
        trees = np.arange(len(self.feature))
        at = np.zeros(len(trees), np.intp)
        for _ in range(self.depth):
            above = inputs[self.feature[trees, at]] > self.threshold[trees, at]
            at = 2 * at + 1 + above
        return self.bias + float(self.value[trees, at - (2**self.depth - 1)].sum())

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Trees":
        """From its JSON form."""
        depth = int(content["depth"])
        nodes, leaves = 2**depth - 1, 2**depth
        count = len(content["value"])
        return cls(
            depth,
            np.asarray(content["feature"], np.intp).reshape(count, nodes),
            np.asarray(content["threshold"], np.float64).reshape(count, nodes),
            np.asarray(content["value"], np.float64).reshape(count, leaves),
            float(content["bias"]),
        )


NONE: dict[str, Any] = {"depth": 0, "feature": [], "threshold": [], "value": [], "bias": 0.0}  # says 0 of everything
