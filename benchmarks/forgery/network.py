"""Network: a model's feature map and vector of a picture, ours and the teachers' alike."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from vision.bundle import Bundle, EmbedderSpec, Part
from vision.embedder import preprocess
from vision.runtime import Session, open_session

MOST_CELLS = 28  # a side of a map; finer ones are averaged down, since their cost grows with the fourth power


@dataclass(frozen=True)
class Teacher:
    """A pretrained network that may lie in the folder of weights."""

    file: str
    words: str
    side_px: int
    feature_map: str  # output name


TEACHERS = (
    Teacher("mobilenet_edgetpu.onnx", "MobileNetEdgeTPU (ImageNet)", 224, "feature_map"),
    Teacher("resnet101v2_stage3.onnx", "ResNet-101 v2 stage 3 (ImageNet)", 224, "feature_map"),
    Teacher("xfeat.onnx", "XFeat (local features)", 640, "output"),
)


@dataclass(frozen=True, eq=False)
class Network:
    """A loaded model whose feature map can be read."""

    words: str
    session: Session
    spec: EmbedderSpec  # how its input is made
    feature_map: str  # output name
    vector: str | None = None  # output name of the embedding, where it has one

    def maps(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Feature maps `[B, C, h, w]` of RGB pictures `[H, W, 3]` of any size."""
        return np.concatenate([_coarse(self._run(picture, self.feature_map)) for picture in pictures])

    def vectors(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors `[B, D]`."""
        assert self.vector is not None
        found = np.concatenate([self._run(picture, self.vector) for picture in pictures])
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), np.float32)

    def _run(self, picture: NDArray[np.uint8], output: str) -> NDArray[np.float32]:
        outputs = self.session.run({self.session.inputs[0]: preprocess([picture], self.spec)})
        return np.asarray(outputs[self.session.outputs.index(output)], np.float32)


def _coarse(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps `[B, C, h, w]` averaged over blocks until a side has at most `MOST_CELLS`."""
    factor = -(-max(maps.shape[2:]) // MOST_CELLS)
    if factor == 1:
        return maps
    height, width = (side // factor * factor for side in maps.shape[2:])
    blocks = maps[:, :, :height, :width].reshape(*maps.shape[:2], height // factor, factor, width // factor, factor)
    return np.asarray(blocks.mean(axis=(3, 5)), np.float32)


def teacher_networks(folder: Path | None) -> tuple[list[Network], dict[str, str]]:
    """The teachers found in a folder, and why each of the others is absent."""
    found: list[Network] = []
    absent: dict[str, str] = {}
    for teacher in TEACHERS:
        if folder is not None and (folder / teacher.file).is_file():
            found.append(_teacher(folder / teacher.file, teacher))
        else:
            absent[teacher.words] = f"{teacher.file} is not in {folder}" if folder else "no --weights folder was given"
    return found, absent


def _teacher(file: Path, teacher: Teacher) -> Network:
    half = (0.5, 0.5, 0.5)
    spec = EmbedderSpec(
        architecture=file.stem,
        input_px=teacher.side_px,
        mean=half,
        std=half,
        resize="squash",
        dim=1,
        image=Part.of(file),
    )
    return Network(teacher.words, open_session(file), spec, teacher.feature_map)


def embedder_networks(bundle: Bundle) -> list[Network]:
    """Our embedder with its last feature map laid open, and with the last that has ten cells a side."""
    part = bundle.spec.embedder
    model = onnx.load(bundle.path / part.image.file)
    vector = model.graph.output[0].name
    depths = {"last map": 1, "middle map": 10}
    chosen = {words: name for words, least in depths.items() if (name := _last_map(model, least)) is not None}
    return [
        Network(f"our embedder, {words}", _with_output(model, name), part, name, vector)
        for words, name in chosen.items()
    ]


def _last_map(model: onnx.ModelProto, least_cells: int) -> str | None:
    """The last tensor of the graph with four axes and at least so many cells a side (more than one in any case)."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    shapes = {info.name: [d.dim_value for d in info.type.tensor_type.shape.dim] for info in graph.value_info}
    for node in reversed(graph.node):
        shape = shapes.get(node.output[0], [])
        if len(shape) == 4 and min(shape[2:]) >= max(2, least_cells):
            return str(node.output[0])
    return None


def _with_output(model: onnx.ModelProto, name: str) -> Session:
    """A session of the model that gives this tensor too."""
    opened = onnx.ModelProto()
    opened.CopyFrom(model)
    opened.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "opened.onnx"
        onnx.save(opened, file)
        return open_session(file)
