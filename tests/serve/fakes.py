"""A small model that sees: vectors of colour and coarse layout, and a scorer written by hand.

It stands in for a trained bundle, so that these tests say what the service does and not how well it was trained.
"""

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from index.gallery import Gallery
from serve.app import Model
from serve.settings import Settings
from vision.calibration import Calibration, GenuineScores
from vision.embedder import Embedder
from vision.inspection import Inspector
from vision.measures.divergence import MEASURES
from vision.policy import Policy
from vision.scorer import CLARITY, NEARNESS, Scorer
from vision.trees import NONE
from vision.verdict import FAULTS

SIDE = 8


class LayoutEmbedder:
    """Vectors `[B, 192]`: the picture at 8 x 8 pixels, less its mean."""

    fingerprint = "layout-embedder1"
    dim = SIDE * SIDE * 3

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        small = [np.asarray(Image.fromarray(i).resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) for i in images]
        flat = np.stack(small).reshape(len(images), -1) - 127.5  # [B, D]
        vectors: NDArray[np.float32] = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        return vectors


class FaultyEmbedder(LayoutEmbedder):
    """Can be told to hang, or to fail, as an embedder does whose runtime has died."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.broken = False

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.open.wait(20)
        if self.broken:
            raise RuntimeError("secret of the runtime")
        return super().embed(images)


class CountingEmbedder(LayoutEmbedder):
    """Notes the size of each batch."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        self.batches.append(len(images))
        return super().embed(images)


def network(size: int, bias: float, outputs: int = 1, **weights: tuple[int, float]) -> dict[str, object]:
    """A linear network: `bias` plus the weights given as `name=(position, weight)`."""
    column = np.zeros((size, outputs))
    for position, weight in weights.values():
        column[position] = weight
    return {"centre": [0.0] * size, "scale": [1.0] * size, "layers": [[column.tolist(), [bias] * outputs]]}


def odds(network: dict[str, object]) -> dict[str, object]:
    """A network that no trees gainsay."""
    return {"network": network, "trees": NONE, "trees_share": 0.0}


def scorer() -> Scorer:
    """Divergence is decorrelation; whatever aligns is recognised, whatever does not is not."""
    measures = len(MEASURES)
    seen = network(2 * measures, 0.0, decorrelation=(MEASURES.index("decorrelation"), 1.0))
    return Scorer.of(
        {
            "altered": odds(seen),
            "obscured": network(len(CLARITY), 0.0),
            "indulgence": 0.0,
            "recognition": odds(network(2 * measures, 1.0)),
            "recognised_above": 0.0,
            "unaligned": network(len(NEARNESS), 1.0),
            "nearness": network(len(NEARNESS), -1.0),
            "near_above": 0.0,
            "faults": network(2 * measures, 0.0, len(FAULTS)),
        },
        "hand-made-scorer",
    )


def calibration() -> Calibration:
    """Five hundred genuine scores up to 0.15: views of one emblem stay below 0.05, altered ones above 0.3."""
    return Calibration({1: GenuineScores.of("pooled", np.linspace(0.0, 0.15, 500))})


def inspector(embedder: Embedder, gallery: Gallery) -> Inspector:
    return Inspector(embedder, gallery, scorer(), calibration(), Policy())


def open_fake(settings: Settings) -> Model:
    return Model(LayoutEmbedder(), inspector)
