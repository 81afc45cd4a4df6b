"""Network: a few dense layers as plain arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Network:
    """Inputs on an even scale, dense layers with tanh between them, outputs in log odds.

    Measures have long tails, so inputs enter as `arcsinh((x - centre) / scale)`: linear near the usual, and
    logarithmic far from it.
    """

    centre: NDArray[np.float64]  # [M]
    scale: NDArray[np.float64]  # [M]
    layers: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]  # weights [in, out], bias [out]

    def __call__(self, inputs: NDArray[np.float64]) -> float:
        """The first output of one input `[M]`."""
        return float(self.outputs(inputs)[0])

    def outputs(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """All outputs `[O]` of one input `[M]`."""
        values = np.arcsinh((inputs - self.centre) / self.scale)
        for index, (weights, bias) in enumerate(self.layers):
            values = values @ weights + bias
            if index < len(self.layers) - 1:
                values = np.tanh(values)
        return np.asarray(values, np.float64)

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Network":
        """From its JSON form."""
        layers = tuple((np.array(w, np.float64), np.array(b, np.float64)) for w, b in content["layers"])
        return cls(np.array(content["centre"], np.float64), np.array(content["scale"], np.float64), layers)
