"""Sessions open on real model files, and say plainly why others do not."""

from pathlib import Path

import numpy as np
import pytest

from vision.bundle import Bundle, carried
from vision.errors import BundleInvalid, ConfigurationError
from vision.runtime import open_session

IMAGE = carried() / "image.onnx"


def test_a_session_runs_named_arrays() -> None:
    session, spec = open_session(IMAGE), Bundle.open(carried()).spec.embedder
    (vectors,) = session.run({session.inputs[0]: np.zeros((3, 3, spec.input_px, spec.input_px), np.float32)})
    assert session.outputs == ("embedding",)
    assert vectors.shape == (3, spec.dim)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "image.onnx"
    file.write_bytes(b"not a model")
    with pytest.raises(BundleInvalid, match=r"image\.onnx cannot be loaded"):
        open_session(file)


def test_an_absent_provider_is_refused_with_the_choices() -> None:
    with pytest.raises(ConfigurationError, match="CPUExecutionProvider"):
        open_session(IMAGE, providers=["AbacusExecutionProvider"])


def test_no_threads_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least 1"):
        open_session(IMAGE, threads=0)
