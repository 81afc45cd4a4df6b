"""The embedder port and its ONNX Runtime implementation."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.bundle import Bundle, Channels, EmbedderSpec, Resize
from vision.errors import BundleInvalid, ConfigurationError
from vision.runtime import open_session
from vision.words import words_of

_PAD_GREY = 128


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


class Pixels(Protocol):
    """How an image becomes a tower's input; the spec of a bundle's embedder says it."""

    @property
    def input_px(self) -> int:
        """Side S of the square input."""
        ...

    @property
    def mean(self) -> Channels:
        """Of RGB in 0..1."""
        ...

    @property
    def std(self) -> Channels:
        """Of RGB in 0..1."""
        ...

    @property
    def resize(self) -> Resize:
        """How an image is made square."""
        ...


class OnnxEmbedder:
    """The image tower of a bundle. Thread safe; weights are loaded once, here."""

    def __init__(
        self,
        bundle: Bundle,
        threads: int = 1,
        batch_size: int = 16,
        providers: Sequence[str] | None = None,
    ) -> None:
        if batch_size < 1:
            raise ConfigurationError(f"batch_size is {batch_size}; it must be at least 1")
        self._spec = bundle.spec.embedder
        self._batch_size = batch_size
        self._session = open_session(bundle.path / self._spec.image.file, threads, providers)
        self._fingerprint = fingerprint(self._spec)

    @property
    def fingerprint(self) -> str:
        """Identity of weights and preprocessing."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Length D of a vector."""
        return self._spec.dim

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embed `B` RGB images `[H, W, 3]` of any size -> unit vectors `[B, D]`; no images give `[0, D]`."""
        starts = range(0, len(images), self._batch_size)
        batches = [self._embed_batch(images[start : start + self._batch_size]) for start in starts]
        return np.concatenate(batches) if batches else np.empty((0, self.dim), np.float32)

    def _embed_batch(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        vectors = self._session.run({self._session.inputs[0]: preprocess(images, self._spec)})[0]
        return _unit(vectors, self.dim)


class OnnxTextEmbedder:
    """The text tower of a bundle: captions become vectors in the space of the images."""

    def __init__(self, bundle: Bundle, threads: int = 1) -> None:
        tower = bundle.part("text")
        if tower is None:
            raise BundleInvalid(f"the bundle {bundle.path} has no text tower; choose one with text and its words")
        self._dim = bundle.spec.embedder.dim
        self._words = words_of(bundle)
        self._session = open_session(tower, threads)

    def embed(self, captions: Sequence[str]) -> NDArray[np.float32]:
        """Embed `B` captions -> unit vectors `[B, D]`."""
        vectors = self._session.run({self._session.inputs[0]: self._words.encode(captions)})[0]
        return _unit(vectors, self._dim)


def fingerprint(spec: EmbedderSpec) -> str:
    """Sixteen hex digits over the image tower's digest and its preprocessing."""
    identity = spec.model_dump_json(
        include={"image": {"sha256"}, "input_px": True, "mean": True, "std": True, "resize": True}
    )
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def preprocess(images: Sequence[NDArray[np.uint8]], spec: Pixels) -> NDArray[np.float32]:
    """RGB images of any size -> the tower's input `[B, 3, S, S]`."""
    squares = np.stack([_square(image, spec) for image in images])  # [B, S, S, 3]
    mean, std = np.array(spec.mean, np.float32), np.array(spec.std, np.float32)
    scaled = (squares.astype(np.float32) / np.float32(255) - mean) / std
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))  # [B, 3, S, S]


def _square(image: NDArray[np.uint8], spec: Pixels) -> NDArray[np.uint8]:
    side = spec.input_px
    if spec.resize == "squash":
        return _resized(image, side, side)
    height, width = image.shape[:2]
    scale = side / (min(height, width) if spec.resize == "shortest" else max(height, width))
    resized = _resized(image, max(1, round(width * scale)), max(1, round(height * scale)))
    return _centred(resized, side)


def _resized(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    shrinks = image.shape[0] > height or image.shape[1] > width
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR  # area averaging: no aliasing
    return np.asarray(cv2.resize(image, (width, height), interpolation=interpolation), np.uint8)


def _centred(image: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Cut or pad an image about its centre to `[side, side, 3]`."""
    top, left = (max(0, (length - side) // 2) for length in image.shape[:2])
    cut = image[top : top + side, left : left + side]
    square = np.full((side, side, 3), _PAD_GREY, np.uint8)
    top, left = ((side - length) // 2 for length in cut.shape[:2])
    square[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return square


def _unit(vectors: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    if vectors.shape[1:] != (dim,):
        raise BundleInvalid(
            f"the model gives vectors of shape {vectors.shape[1:]}, its spec says ({dim},); export it again"
        )
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)
