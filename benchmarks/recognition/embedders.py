"""Embedders: who looks at the marks. Ours, the same network untrained, the teachers, and what needs no network."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import onnx
from numpy.typing import NDArray

from benchmarks.recognition.handmade import Handmade
from vision.bundle import Bundle, EmbedderSpec, Part, Resize
from vision.embedder import OnnxEmbedder, preprocess
from vision.errors import ConfigurationError, TouchstoneError
from vision.runtime import open_session

CARRIED = "carried bundle"


class Looker(Protocol):
    """Turns images into unit vectors."""

    @property
    def name(self) -> str:
        """As tables call it."""
        ...

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[B, D]` of RGB images `[h, w, 3]` of any size."""
        ...


@dataclass(frozen=True)
class Asked:
    """A bundle to measure: `[NAME=]DIR[@PX]`, PX in place of the input size that its spec says."""

    path: Path
    name: str
    input_px: int | None = None

    @classmethod
    def read(cls, words: str) -> Self:
        """As the command line has it; `ValueError` for a size that is no number."""
        name, has_name, rest = words.rpartition("=")
        path, at, size = rest.rpartition("@")
        if not at:
            path, size = rest, ""
        return cls(Path(path), name if has_name else rest, int(size) if size else None)


@dataclass(frozen=True, eq=False)
class _Named:
    """An embedder under a table's name."""

    name: str
    embedder: OnnxEmbedder

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[B, D]`."""
        return self.embedder.embed(images)


class OfBundle(_Named):
    """The embedder of a bundle."""


def of_bundle(asked: Asked) -> OfBundle:
    """A bundle's embedder. Errors: `BundleInvalid`; `ConfigurationError` where its file takes no other size."""
    bundle = Bundle.open(asked.path)
    size = asked.input_px or bundle.spec.embedder.input_px
    name = f"{asked.name}, {size} px"
    if size == bundle.spec.embedder.input_px:
        return OfBundle(name, OnnxEmbedder(bundle))
    with tempfile.TemporaryDirectory() as folder:
        embedder = OnnxEmbedder(_resized(bundle, size, Path(folder)))
    try:
        embedder.embed([np.zeros((size, size, 3), np.uint8)])
    except Exception as fault:  # the runtime's own errors share no public base class
        taken = bundle.spec.embedder.input_px
        raise ConfigurationError(f"{asked.path} takes {taken} px only, not {size}; leave @{size} out") from fault
    return OfBundle(name, embedder)


def _resized(bundle: Bundle, size: int, folder: Path) -> Bundle:
    """The bundle's image tower declared to take images of another size."""
    spec = bundle.spec.embedder
    model = onnx.load(str(bundle.path / spec.image.file))
    for axis in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        axis.dim_value = size
    del model.graph.value_info[:]  # shapes inferred for the old size
    file = folder / spec.image.file
    onnx.save(model, str(file))
    changed = spec.model_copy(update={"input_px": size, "image": Part.of(file)})
    return Bundle(folder, bundle.spec.model_copy(update={"embedder": changed}))


class Untrained(_Named):
    """A network of the same architecture that has seen nothing."""


def untrained(bundle: Bundle) -> Untrained:
    """A network of the bundle's architecture with random weights.

    Errors: `ConfigurationError` where the architecture is none of ours or torch is absent.
    """
    spec = bundle.spec.embedder
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.onnx"
        _write_untrained(spec, file)
        fresh = spec.model_copy(update={"image": Part.of(file)})
        embedder = OnnxEmbedder(Bundle(Path(folder), bundle.spec.model_copy(update={"embedder": fresh})))
    return Untrained(f"{spec.architecture}, random weights", embedder)


def _write_untrained(spec: EmbedderSpec, file: Path) -> None:
    try:
        import torch

        from training.config import ModelConfig
        from training.export import tower
        from training.model import build
    except ImportError as fault:
        raise ConfigurationError(f"random weights need the extra `train` ({fault})") from fault
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = build(ModelConfig(vision=spec.architecture, input_px=spec.input_px, dim=spec.dim))
    example = torch.zeros(2, 3, spec.input_px, spec.input_px)
    tower.write(tower.tower(network, "image"), example, file, "image")


# --- the teachers -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pixels:
    """How every teacher's input is made."""

    input_px: int = 224
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    resize: Resize = "squash"


@dataclass(frozen=True)
class Teacher:
    """A pretrained network that may lie in the folder of weights, and its output."""

    file: str
    name: str
    output: str


TEACHERS = (
    Teacher("mobilenet_edgetpu.onnx", "MobileNetEdgeTPU (ImageNet), embedding", "embedding"),
    Teacher("resnet101v2_stage3.onnx", "ResNet-101 v2 stage 3 (ImageNet), GeM", "gem"),
)


class Taught:
    """One teacher's vectors."""

    def __init__(self, teacher: Teacher, file: Path) -> None:
        self.name = teacher.name
        self._session = open_session(file)
        self._output = self._session.outputs.index(teacher.output)

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[B, D]`."""
        pixels = preprocess(images, _Pixels())
        found = np.asarray(self._session.run({self._session.inputs[0]: pixels})[self._output], np.float32)
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), np.float32)


# --- all of them --------------------------------------------------------------------------------


def is_teacher(looker: Looker) -> bool:
    """Whether its vectors are measured centred too: features of a rectified network share a large mean."""
    return isinstance(looker, Taught)


def lookers(
    carried: Asked, others: Sequence[Asked], weights: Path | None, without: Sequence[str]
) -> tuple[list[Looker], dict[str, str]]:
    """All that can be had, ours first, and why each of the others is absent."""
    found: list[Looker] = [of_bundle(one) for one in (carried, *others)]
    absent = dict.fromkeys(without, "left out by --without")
    try:
        found.append(untrained(Bundle.open(carried.path)))
    except TouchstoneError as fault:
        absent["random weights"] = str(fault)
    for teacher, file in _at(weights):
        if file.is_file():
            found.append(Taught(teacher, file))
        else:
            absent[teacher.name] = f"{teacher.file} is not in the folder of --weights"
    found.append(Handmade())
    return [one for one in found if not any(part.lower() in one.name.lower() for part in without)], absent


def _at(weights: Path | None) -> Iterator[tuple[Teacher, Path]]:
    for teacher in TEACHERS:
        yield teacher, (weights or Path()) / teacher.file
