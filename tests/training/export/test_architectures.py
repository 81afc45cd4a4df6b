"""Real architectures with random weights become bundles that serve."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

from training.export import writing
from training.export.request import Request
from vision.bundle import Bundle
from vision.embedder import OnnxEmbedder, OnnxTextEmbedder


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ViT-S-32", marks=pytest.mark.slow),
        pytest.param("ViT-B-32", marks=pytest.mark.slow),
        pytest.param("MobileCLIP2-S0", marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(1800)
def test_a_real_architecture_becomes_a_bundle_that_serves(tmp_path: Path, name: str) -> None:
    # Vectors of random weights are nearly all alike, so int8 may rightly be refused.
    bundle = Bundle.open(writing.run(Request(name, random=True, queries=20), tmp_path / "bundle"))
    embedder = bundle.spec.embedder
    assert {"fp32", "fp16"} <= set(embedder.variants)
    assert {"int8"} == (set(embedder.variants) | set(embedder.refused)) - {"fp32", "fp16"}
    assert "RANDOM" in embedder.origin
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    assert OnnxEmbedder(bundle).embed([image]).shape == (1, embedder.dim)
    assert OnnxTextEmbedder(bundle).embed(["a photo of a shoe"]).shape == (1, embedder.dim)
