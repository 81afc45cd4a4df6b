"""Odds: one question asked of a small network and of decision trees, which err in different places."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.network import Network
from vision.trees import Trees


@dataclass(frozen=True, eq=False)
class Odds:
    """A weighed mean of the two."""

    network: Network
    trees: Trees
    trees_share: float  # of their word, 0..1

    def __call__(self, inputs: NDArray[np.float64]) -> float:
        """Log odds of one input `[M]`."""
        return (1 - self.trees_share) * self.network(inputs) + self.trees_share * self.trees(inputs)

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Odds":
        """From its JSON form."""
        return cls(Network.of(content["network"]), Trees.of(content["trees"]), float(content["trees_share"]))
