"""The detector of a bundle: an optional part, run on a tiny network made here; without one nothing moves."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from tests.vision.fakes import ColourEmbedder, InMemoryReferences, plain_scorer
from tests.vision.scenes import artwork_of, photo_of
from training.assemble import put
from vision.bundle import SPEC_FILE, Bundle, carried
from vision.errors import BundleInvalid
from vision.inspection import detector_of, models_of
from vision.photo import Photo
from vision.policy import Policy
from vision.recognition import Recogniser
from vision.regions.detector import LONG_SIDES_PX, MOST, PAD, STEP_PX, Detection, Detector, letterbox
from vision.regions.region import crop, propose

LONG_SIDE_PX = max(LONG_SIDES_PX)
BOXES = np.array(
    [[64, 32, 192, 160], [66, 34, 190, 158], [300, 100, 340, 180], [500, 300, 900, 700], [0, 0, 9, 9]], np.float32
)
SCORES = np.array([0.7, 0.9, 0.4, 0.3, 0.01], np.float32)


def constant(path: Path, boxes: NDArray[np.float32], scores: NDArray[np.float32], name: str = "photo") -> Path:
    """A network that answers the same whatever it sees: boxes as of a photo 512 px wide, at the size it gets."""
    photo = helper.make_tensor_value_info(name, TensorProto.UINT8, [1, "height", "width", 3])
    outputs = [
        helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [len(boxes), 4]),
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [len(scores)]),
    ]
    nodes = [
        helper.make_node("Shape", [name], ["width"], start=2, end=3),
        helper.make_node("Cast", ["width"], ["width_px"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["boxes_of", "width_px"], ["boxes"]),
        helper.make_node("Identity", ["scores_of"], ["scores"]),
    ]
    known = [numpy_helper.from_array(boxes / np.float32(512), "boxes_of"), numpy_helper.from_array(scores, "scores_of")]
    graph = helper.make_graph(nodes, "constant", [photo], outputs, known)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(path))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return constant(tmp_path_factory.mktemp("detector") / "detector.onnx", BOXES, SCORES)


def pixels(width: int, height: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_detections_of_both_sizes_are_suppressed_ordered_and_in_fractions_of_the_photo(model: Path) -> None:
    found = Detector(model).detect(pixels(2 * LONG_SIDE_PX, LONG_SIDE_PX))
    assert [one.score for one in found] == pytest.approx([0.9, 0.4])  # one lies below the photo, one is too unsure
    assert found[0].box == pytest.approx((66 / 512, 34 / 256, 190 / 512, 158 / 256))
    assert len(found) <= MOST


def test_what_reaches_beyond_the_photo_is_cut_off(model: Path) -> None:
    found = Detector(model).detect(pixels(LONG_SIDE_PX, LONG_SIDE_PX))
    assert found[-1].box == pytest.approx((500 / 512, 300 / 512, 1, 1))


@given(width=st.integers(32, 1200), height=st.integers(32, 1200))
def test_a_photo_is_scaled_to_its_longer_side_and_padded_to_whole_steps(width: int, height: int) -> None:
    padded, scale = letterbox(np.full((height, width, 3), 7, np.uint8), LONG_SIDE_PX)
    assert padded.shape[0] % STEP_PX == padded.shape[1] % STEP_PX == 0
    assert max(width, height) * scale == pytest.approx(LONG_SIDE_PX)
    seen = (padded == 7).all(2)
    assert seen[: round(height * scale) or 1, : round(width * scale) or 1].all()
    assert (padded[~seen] == PAD).all()


def test_a_network_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match="detector takes photo"):
        Detector(constant(tmp_path / "odd.onnx", BOXES, SCORES, "image"))


# --- in a bundle --------------------------------------------------------------------------------


def test_the_part_is_optional_and_put_into_a_bundle_like_the_others(tmp_path: Path, model: Path) -> None:
    folder = Path(shutil.copytree(carried(), tmp_path / "bundle"))
    spec = json.loads((folder / SPEC_FILE).read_text())
    (folder / SPEC_FILE).write_text(json.dumps(spec | {"detector": None}))
    plain = Bundle.open(folder)
    assert detector_of(plain) is None
    fitted = put(plain, "detector", model.read_bytes())
    detector = detector_of(fitted)
    assert detector is not None
    assert fitted.part("scorer") is None
    assert models_of("e", None) == "e+none"
    assert models_of("e", None, detector) == f"e+none+{detector.fingerprint}"


# --- as regions ---------------------------------------------------------------------------------

DETECTIONS = (Detection((0.1, 0.1, 0.3, 0.3), 0.4), Detection((0.5, 0.5, 0.9, 0.8), 0.8))


def photo(width: int = 400, height: int = 300) -> Photo:
    return Photo(pixels(width, height), "0" * 64, "png")


def test_regions_without_detections_are_what_they_were() -> None:
    """Held against the values of before there was a detector."""
    assert [(r.box, r.source, r.score, r.margin) for r in propose(photo(), 3)] == [
        ((0.0, 0.0, 1.0, 1.0), "whole", 1.0, 0.0),
        ((0.21875, 0.125, 0.78125, 0.875), "window", pytest.approx(2 / 3), 0.0),
        ((0.3125, 0.25, 0.6875, 0.75), "window", pytest.approx(1 / 3), 0.0),
    ]


def test_detections_come_after_the_whole_and_windows_take_the_rest() -> None:
    regions = propose(photo(), 6, DETECTIONS)
    assert [r.source for r in regions] == ["whole", "detector", "detector", "window", "window", "window"]
    assert [r.score for r in regions[1:3]] == [0.8, 0.4]
    assert [r.score for r in regions] == sorted((r.score for r in regions), reverse=True)
    assert [r.source for r in propose(photo(), 2, DETECTIONS)] == ["whole", "detector"]
    assert [r.source for r in propose(photo(), 1, DETECTIONS)] == ["whole"]


def test_a_detection_is_looked_at_with_a_margin_that_stays_in_the_photo() -> None:
    region = propose(photo(), 6, (Detection((0.5, 0.5, 1.0, 1.0), 0.9),))[1]
    assert crop(photo(), region).shape == (168, 224, 3)
    assert region.box == (0.5, 0.5, 1.0, 1.0)


# --- in an inspection ---------------------------------------------------------------------------

ACME = 9_000_001


class Finds:
    """Answers the same whatever it sees."""

    fingerprint = "finds"

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[Detection, ...]:
        return DETECTIONS


@pytest.fixture(scope="module")
def references() -> InMemoryReferences:
    return InMemoryReferences({"acme": ACME})


def sources(references: InMemoryReferences, policy: Policy, detector: Finds | None) -> list[str]:
    recogniser = Recogniser(ColourEmbedder(), references, plain_scorer(), policy, None, detector)
    held = recogniser.over(references).hold(photo_of(artwork_of(ACME), 21), "acme")
    return [r.source for r in held.look.regions]


def test_a_look_takes_detections_only_where_there_is_a_detector_and_policy_allows(
    references: InMemoryReferences,
) -> None:
    plain = ["whole", *["window"] * 5]
    assert sources(references, Policy(), None) == plain
    assert sources(references, Policy(max_detections=0), Finds()) == plain
    assert sources(references, Policy(max_detections=1), Finds()) == ["whole", "detector", *["window"] * 4]
    assert sources(references, Policy(), Finds()) == ["whole", "detector", "detector", *["window"] * 3]
