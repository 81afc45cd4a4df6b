"""The carried embedder gives unit vectors that depend on the image alone."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from vision.bundle import Bundle, EmbedderSpec, carried
from vision.embedder import OnnxEmbedder, OnnxTextEmbedder, fingerprint, preprocess
from vision.errors import BundleInvalid, ConfigurationError

BUNDLE = Bundle.open(carried())
SPEC = BUNDLE.spec.embedder


def images(*sizes: tuple[int, int]) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


def respec(**changes: object) -> EmbedderSpec:
    return EmbedderSpec.model_validate(SPEC.model_dump() | changes)


def test_vectors_are_unit_float32_one_an_image() -> None:
    vectors = OnnxEmbedder(BUNDLE).embed(images((40, 90), (300, 200), (1, 1)))
    assert vectors.shape == (3, SPEC.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_images_give_no_vectors() -> None:
    assert OnnxEmbedder(BUNDLE).embed([]).shape == (0, SPEC.dim)


def test_batching_does_not_change_a_vector() -> None:
    several = images((64, 64), (128, 200), (333, 90), (20, 20), (500, 500))
    together = OnnxEmbedder(BUNDLE, batch_size=16).embed(several)
    alone = OnnxEmbedder(BUNDLE, batch_size=1).embed(several)
    np.testing.assert_allclose(together, alone, atol=2e-5)


def test_the_fingerprint_follows_weights_and_preprocessing() -> None:
    same = fingerprint(respec(measured={"row": {"recall": 1.0}}))
    assert OnnxEmbedder(BUNDLE).fingerprint == fingerprint(SPEC) == same
    changed = [
        respec(resize="longest"),
        respec(mean=(0.1, 0.2, 0.3)),
        respec(image={"file": "image.onnx", "sha256": "0" * 64}),
    ]
    assert len({fingerprint(spec) for spec in [SPEC, *changed]}) == 4


def test_shrinking_averages() -> None:
    checker = np.indices((512, 512)).sum(0) % 2 * 255
    image = np.repeat(checker[..., None], 3, axis=2).astype(np.uint8)
    plain = preprocess([image], respec(resize="squash", mean=(0, 0, 0), std=(1, 1, 1)))
    np.testing.assert_allclose(plain, 0.5, atol=0.01)


@pytest.mark.parametrize(
    ("resize", "seen"), [("squash", (0.0, 1.0)), ("longest", (0.0, 1.0)), ("shortest", (0.5, 0.5))]
)
def test_each_resize_keeps_what_it_promises(resize: str, seen: tuple[float, float]) -> None:
    """A wide image, black at its left, grey in the middle, white at its right."""
    wide = np.repeat(np.array([0, 128, 255], np.uint8), 100)[None, :, None].repeat(100, 0).repeat(3, 2)
    row = preprocess([wide], respec(resize=resize, mean=(0, 0, 0), std=(1, 1, 1)))[0, 0, SPEC.input_px // 2]
    assert (row[0], row[-1]) == pytest.approx(seen, abs=0.08)  # the edges blur where the image grows


def test_a_wrong_batch_size_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="batch_size"):
        OnnxEmbedder(BUNDLE, batch_size=0)


def test_captions_lie_in_the_same_space() -> None:
    vectors = OnnxTextEmbedder(BUNDLE).embed(["a photo of a key ring", "a red round mark"])
    assert vectors.shape == (2, SPEC.dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_bundle_without_text_tower_says_so() -> None:
    spec = BUNDLE.spec.model_copy(update={"embedder": respec(text=None)})
    with pytest.raises(BundleInvalid, match="no text tower"):
        OnnxTextEmbedder(dataclasses.replace(BUNDLE, spec=spec))
