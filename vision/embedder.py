"""The embedder port and its ONNX Runtime implementation."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns images into unit vectors that lie close when they show the same mark."""

    @property
    def fingerprint(self) -> str:
        """Identity of weights and preprocessing; vectors of two fingerprints do not compare."""
        ...

    @property
    def dim(self) -> int:
        """Length D of a vector."""
        ...

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embed `B` RGB images `[H, W, 3]` of any size -> unit vectors `[B, D]`."""
        ...
