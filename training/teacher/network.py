"""Teachers: networks whose view of images a student learns."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from training.config import expand
from training.config.objectives import TeacherConfig
from vision.bundle import Bundle, sha256_of
from vision.embedder import OnnxEmbedder
from vision.errors import ConfigurationError
from vision.runtime import open_session


class Teacher(Protocol):
    """Turns images into features."""

    @property
    def fingerprint(self) -> str:
        """Identity of weights, output and preprocessing."""
        ...

    def features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Features `[B, D]` of square RGB images `[S, S, 3]`."""
        ...


def open_teacher(settings: TeacherConfig, threads: int) -> Teacher:
    """The teacher of these settings. Errors: `ConfigurationError` naming what is absent and where to get it."""
    return OnnxTeacher(settings, threads) if settings.bundle is None else BundleTeacher(settings, threads)


class OnnxTeacher:
    """One named output of an ONNX file; a feature map is averaged over its places."""

    def __init__(self, settings: TeacherConfig, threads: int) -> None:
        path = _found(str(settings.onnx), settings)
        self._settings, self._session = settings, open_session(path, threads)
        if settings.output not in self._session.outputs:
            outputs = ", ".join(self._session.outputs)
            raise ConfigurationError(f"teacher {settings.name}: {path.name} has no output {settings.output!r};"
                                     f" choose from {outputs}")  # fmt: skip
        identity = settings.model_dump(include={"output", "input_px", "mean", "std"})
        self.fingerprint = hashlib.sha256(json.dumps([sha256_of(path), identity]).encode()).hexdigest()[:16]

    def features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Features `[B, D]` of square RGB images."""
        pixels = np.stack([self._pixels(image) for image in images])  # [B, 3, S, S]
        answers = self._session.run({self._session.inputs[0]: pixels})
        found = answers[self._session.outputs.index(self._settings.output)].astype(np.float32)
        return np.asarray(found if found.ndim == 2 else found.mean((2, 3)), np.float32)

    def _pixels(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        side = self._settings.input_px
        sized = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
        mean, std = np.array(self._settings.mean, np.float32), np.array(self._settings.std, np.float32)
        return np.asarray(((sized - mean) / std).transpose(2, 0, 1), np.float32)


class BundleTeacher:
    """The image tower of an embedder bundle."""

    def __init__(self, settings: TeacherConfig, threads: int) -> None:
        self._embedder = OnnxEmbedder(Bundle.open(_found(str(settings.bundle), settings)), threads)
        self.fingerprint = self._embedder.fingerprint

    def features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[B, D]`."""
        return self._embedder.embed(images)


def _found(path: str, settings: TeacherConfig) -> Path:
    expanded = expand(path)
    if not expanded.exists():
        raise ConfigurationError(f"teacher {settings.name}: {expanded} is absent; get it from {settings.source}")
    return expanded
