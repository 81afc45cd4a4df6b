"""The carried bundle's precisions are made and measured against fp32."""

from pathlib import Path

import pytest

pytest.importorskip("onnx", reason="onnx is not installed (extra: train)")

from benchmarks import precision
from training.export import probe
from training.export.probe import ProbePlan
from vision.bundle import Bundle, carried

PLAN = ProbePlan(brands=4, references=2, views=3, strangers=4, calibration=8)


def test_rounding_is_measured_against_fp32(tmp_path: Path) -> None:
    bundle = Bundle.open(carried())
    files = precision.towers(bundle, PLAN, tmp_path)
    assert list(files)[:3] == ["fp32", "fp16", "int8 static: Conv"]
    whole, half, *rounded = precision.measure(files, probe.draw(PLAN), bundle.spec.embedder)
    assert whole.agreement.decisions == half.agreement.decisions == 1
    assert half.agreement.image_cosine_min > 0.9999
    assert all(0.9 < row.agreement.image_cosine_mean < 1 for row in rounded)
    assert all(row.megabytes < whole.megabytes / 3 for row in rounded)
    assert "decisions" in [column.header for column in precision.report([whole, half, *rounded]).columns]
