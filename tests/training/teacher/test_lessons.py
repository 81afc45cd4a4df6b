"""Lessons: made once, kept on disk, gone on with where they were stopped; taken from any ONNX file or a bundle."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

onnx = pytest.importorskip("onnx", reason="onnx is not installed (extra: train)")

from onnx import TensorProto, helper  # noqa: E402

from training.config.objectives import TeacherConfig  # noqa: E402
from training.teacher import lessons  # noqa: E402
from training.teacher.network import open_teacher  # noqa: E402
from vision.bundle import carried  # noqa: E402
from vision.errors import ConfigurationError  # noqa: E402


@pytest.fixture
def channel_means(tmp_path: Path) -> Path:
    """A network that gives its input as a map `[B, 3, S, S]` and its mean as features `[B, 3]`."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["B", 3, 32, 32])
    outputs = [
        helper.make_tensor_value_info("map", TensorProto.FLOAT, ["B", 3, 32, 32]),
        helper.make_tensor_value_info("means", TensorProto.FLOAT, ["B", 3]),
    ]
    nodes = [
        helper.make_node("Identity", ["image"], ["map"]),
        helper.make_node("ReduceMean", ["image"], ["means"], axes=[2, 3], keepdims=0),
    ]
    graph = helper.make_graph(nodes, "means", [image], outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "means.onnx"))
    return tmp_path / "means.onnx"


def teacher(path: Path, output: str = "means") -> TeacherConfig:
    return TeacherConfig(
        name="means", source="example.org/means @1", onnx=str(path), output=output, input_px=32, mean=(0.5, 0, 0)
    )


def flat(*colours: tuple[int, int, int]) -> list[NDArray[np.uint8]]:
    return [np.full((8, 8, 3), colour, np.uint8) for colour in colours]


@pytest.mark.parametrize("output", ["means", "map"])
def test_a_teacher_sees_normalised_pixels_in_the_named_output(channel_means: Path, output: str) -> None:
    found = open_teacher(teacher(channel_means, output), 1).features(flat((255, 0, 0), (0, 255, 0)))
    np.testing.assert_allclose(found, [[1, 0, 0], [-1, 2, 0]], atol=1e-5)


def test_a_bundle_teaches_too() -> None:
    settings = TeacherConfig(name="mini", source="this repository", bundle=str(carried()))
    found = open_teacher(settings, 1).features(flat((255, 0, 0)))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_an_output_that_is_not_there_is_refused_with_those_that_are(channel_means: Path) -> None:
    with pytest.raises(ConfigurationError, match="choose from map, means"):
        open_teacher(teacher(channel_means, "embedding"), 1)


def test_an_absent_teacher_is_refused_with_its_source(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="get it from example"):
        open_teacher(teacher(tmp_path / "absent.onnx"), 1)


def test_the_fingerprint_follows_what_shapes_the_features(channel_means: Path) -> None:
    fingerprints = {open_teacher(teacher(channel_means, output), 1).fingerprint for output in ("map", "means")}
    again = open_teacher(teacher(channel_means), 1).fingerprint
    assert len(fingerprints) == 2
    assert again in fingerprints


def test_views_stopped_on_the_way_are_gone_on_with(tmp_path: Path) -> None:
    """The blocks that were done are not made again, and the result is as if never stopped."""
    made: list[int] = []

    def photograph(rows: slice) -> NDArray[np.uint8]:
        if len(made) == 2:
            made.append(-1)
            raise KeyboardInterrupt
        made.append(rows.start)
        return np.arange(rows.start, rows.stop, dtype=np.uint8).reshape(-1, 1, 1, 1)

    count = 3 * lessons.BLOCK + 5
    with pytest.raises(KeyboardInterrupt):
        lessons.views(tmp_path / "views.npy", count, photograph)
    views = lessons.views(tmp_path / "views.npy", count, photograph)
    again = lessons.views(tmp_path / "views.npy", count, photograph)
    assert made == [0, 64, -1, 128, 192]
    assert views[:, 0, 0, 0].tolist() == again[:, 0, 0, 0].tolist() == list(range(count))


def test_features_are_centred_and_unit(tmp_path: Path, channel_means: Path) -> None:
    views = np.random.default_rng(0).integers(0, 256, (70, 8, 8, 3), dtype=np.uint8)
    raw = lessons.features(tmp_path / "means.npy", views, open_teacher(teacher(channel_means), 1))
    school = lessons.Lessons.of(views, [raw])
    (seen,) = school.unit_features(np.arange(70))
    assert school.dims == (3,)
    np.testing.assert_allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(school.centres[0], raw.astype(np.float64).mean(0), atol=1e-3)
