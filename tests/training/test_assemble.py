"""Putting parts into a bundle: sealed, and rid of what was made for the part they replace."""

import shutil
from pathlib import Path

import pytest

from training.assemble import put
from vision.bundle import Bundle, carried
from vision.errors import BundleInvalid


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return Bundle.open(Path(shutil.copytree(carried(), tmp_path / "bundle")))


def test_a_part_is_sealed(bundle: Bundle) -> None:
    changed = put(bundle, "calibration", b"{}")
    path = changed.part("calibration")
    assert path is not None
    assert path.read_bytes() == b"{}"
    path.write_bytes(b"[]")
    with pytest.raises(BundleInvalid, match=r"calibration\.json"):
        Bundle.open(bundle.path)


def test_a_new_comparator_takes_scorer_and_calibration_with_it(bundle: Bundle) -> None:
    full = put(put(bundle, "scorer", b"{}"), "calibration", b"{}")
    changed = put(full, "comparator", b"other weights")
    assert changed.part("comparator") is not None
    assert changed.part("scorer") is None
    assert changed.part("calibration") is None
    assert not (bundle.path / "scorer.json").exists()


def test_a_new_scorer_takes_its_calibration_with_it(bundle: Bundle) -> None:
    changed = put(put(bundle, "calibration", b"{}"), "scorer", b"{}")
    assert changed.part("calibration") is None
    assert changed.part("image") == bundle.part("image")
