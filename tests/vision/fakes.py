"""Small real implementations of the ports: an embedder that sees colour and coarse form, references in memory."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.vision.scenes import references_of, template_of
from vision.embedder import Embedder
from vision.errors import BrandUnknown
from vision.finding.inverted import InvertedFile
from vision.finding.neighbours import Neighbours
from vision.geometry.codebook import Codewords, carried
from vision.measures.divergence import MEASURES
from vision.photo import Photo
from vision.policy import Policy
from vision.recognition import Recogniser, Recognition, References
from vision.regions.detector import MarkDetector
from vision.scorer import CLARITY, NEARNESS, Scorer
from vision.template import Template
from vision.trees import NONE
from vision.verdict import FAULTS, ReasonCode


class ColourEmbedder:
    """A thumbnail, less its mean, as a unit vector."""

    fingerprint = "colour-thumbnail"
    dim = 192

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        small = [cv2.resize(image, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float32).ravel() for image in images]
        centred = np.stack(small) - np.mean(small, axis=1, keepdims=True)
        return np.asarray(centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6), np.float32)


class InMemoryReferences:
    """Fictional brands by seed, searched by brute force."""

    version = "v1"

    def __init__(self, brands: dict[str, int], references: int = 4) -> None:
        embedder = ColourEmbedder()
        self._templates = {b: (template_of(seed, references),) for b, seed in brands.items()}
        self._inverted = InvertedFile.of_templates(self._templates, carried())
        photos = [(b, r, p) for b, seed in brands.items() for r, p in references_of(seed, references)]
        self._brand = np.array([b for b, _, _ in photos], object)
        self._reference = np.array([r for _, r, _ in photos], object)
        self._vectors = embedder.embed([p.pixels for _, _, p in photos]) if photos else np.zeros((0, 192), np.float32)

    @property
    def brands(self) -> tuple[str, ...]:
        return tuple(self._templates)

    def nearest(self, queries: NDArray[np.float32], k: int, brand: str | None = None) -> Neighbours:
        among = np.flatnonzero(self._brand == brand) if brand else np.arange(len(self._brand))
        distance = 1 - queries @ self._vectors[among].T
        order = np.argsort(distance, axis=1)[:, :k]
        rows = np.arange(len(queries))[:, None]
        return Neighbours(
            np.asarray(distance[rows, order], np.float32), self._reference[among][order], self._brand[among][order]
        )

    def votes(self, asked: Codewords) -> dict[str, float]:
        return self._inverted.votes(asked)

    def templates(self, brand: str) -> tuple[Template, ...]:
        if brand not in self._templates:
            raise BrandUnknown(f"brand {brand!r} is not enrolled")
        return self._templates[brand]


def plain_scorer(recognised_above: float = 0.0) -> Scorer:
    """A scorer written by hand: colour and structure make divergence, agreement makes recognition."""
    m = len(MEASURES)
    divergence, recognition = np.zeros((2 * m, 1)), np.zeros((2 * m, 1))
    divergence[[MEASURES.index(n) for n in ("structure", "missing", "added", "colour_peak")]] = 1.0
    recognition[MEASURES.index("decorrelation")] = -10.0
    faults = np.zeros((2 * m, len(FAULTS)))
    faults[MEASURES.index("colour_peak"), FAULTS.index(ReasonCode.COLOUR_OFF)] = 50.0

    def network(weights: NDArray[np.float64], bias: float) -> dict[str, object]:
        layers = [[weights.tolist(), [bias] * weights.shape[1]]]
        return {"centre": [0.0] * len(weights), "scale": [1.0] * len(weights), "layers": layers}

    def odds(network: dict[str, object]) -> dict[str, object]:
        return {"network": network, "trees": NONE, "trees_share": 0.0}

    return Scorer.of(
        {
            "altered": odds(network(divergence, 0.0)),
            "obscured": network(np.zeros((len(CLARITY), 1)), 0.0),
            "indulgence": 0.0,
            "recognition": odds(network(recognition, 5.0)),
            "unaligned": network(np.array([[1.0], [0.0], [0.0]]), 0.0),
            "nearness": network(np.zeros((len(NEARNESS), 1)), -5.0),
            "recognised_above": recognised_above,
            "near_above": 0.0,
            "faults": network(faults, 0.0),
        },
        "plain",
    )


def recognised(
    references: References,
    photo: Photo,
    policy: Policy,
    detector: MarkDetector | None = None,
    embedder: Embedder | None = None,
) -> list[Recognition]:
    """What is believed of a photo by the plain scorer, likeliest first."""
    recogniser = Recogniser(embedder or ColourEmbedder(), references, plain_scorer(), policy, None, detector)
    return [r for r in recogniser.recognise(photo) if r.recognition > 0]
