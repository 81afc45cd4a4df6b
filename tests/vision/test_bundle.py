"""A bundle opens whole or not at all."""

import json
import shutil
from pathlib import Path

import pytest

from vision.bundle import SPEC_FILE, Bundle, carried
from vision.errors import BundleInvalid


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(carried(), tmp_path / "bundle"))


def edit(folder: Path, **changes: object) -> None:
    spec = json.loads((folder / SPEC_FILE).read_text())
    (folder / SPEC_FILE).write_text(json.dumps(spec | changes))


def test_the_carried_bundle_opens_and_is_small() -> None:
    bundle = Bundle.open(carried())
    assert bundle.spec.format == 1
    assert bundle.part("image") == bundle.path / bundle.spec.embedder.image.file
    assert sum(file.stat().st_size for file in carried().rglob("*")) <= 25 * 2**20


def test_a_part_that_a_bundle_lacks_is_none(copy: Path) -> None:
    edit(copy, scorer=None)
    assert Bundle.open(copy).part("scorer") is None


def test_an_altered_file_is_refused_by_name(copy: Path) -> None:
    image = Bundle.open(copy).part("image")
    assert image is not None
    image.write_bytes(image.read_bytes()[:-1] + b"\0")
    with pytest.raises(BundleInvalid, match=r"image\.onnx.*sha256"):
        Bundle.open(copy)


def test_a_missing_file_is_refused_by_name(copy: Path) -> None:
    (copy / "image.onnx").unlink()
    with pytest.raises(BundleInvalid, match=r"image\.onnx is missing"):
        Bundle.open(copy)


def test_a_folder_without_spec_says_what_a_bundle_is(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match="touchstone export"):
        Bundle.open(tmp_path)


def test_unknown_settings_are_refused(copy: Path) -> None:
    edit(copy, surprise=1)
    with pytest.raises(BundleInvalid, match="surprise"):
        Bundle.open(copy)


@pytest.mark.parametrize("file", ["../image.onnx", "/etc/passwd", "a/b.onnx", ".hidden"])
def test_a_part_never_leads_out_of_its_folder(copy: Path, file: str) -> None:
    edit(copy, scorer={"file": file, "sha256": "0" * 64})
    with pytest.raises(BundleInvalid, match=r"scorer\.file"):
        Bundle.open(copy)


def test_a_spec_whose_served_towers_are_no_variant_is_refused(copy: Path) -> None:
    spec = json.loads((copy / SPEC_FILE).read_text())
    variant = {"image": {"file": "other.onnx", "sha256": "0" * 64}}
    edit(copy, embedder=spec["embedder"] | {"precision": "fp32", "variants": {"fp32": variant}})
    with pytest.raises(BundleInvalid, match="not those of the variant"):
        Bundle.open(copy)


def test_a_bundle_of_one_kind_says_so_where_another_is_asked_for(copy: Path) -> None:
    with pytest.raises(BundleInvalid, match="one kind, unnamed"):
        Bundle.open(copy, "fp32")


def test_a_variant_is_chosen_by_name(copy: Path) -> None:
    spec = json.loads((copy / SPEC_FILE).read_text())
    served = {part: spec["embedder"][part] for part in ("image", "text")}
    shutil.copy(copy / "image.onnx", copy / "image.int8.onnx")
    small = {"image": served["image"] | {"file": "image.int8.onnx"}}
    edit(copy, embedder=spec["embedder"] | {"precision": "fp32", "variants": {"fp32": served, "int8": small}})
    assert Bundle.open(copy).part("image") == Bundle.open(copy, "fp32").part("image") == copy / "image.onnx"
    chosen = Bundle.open(copy, "int8")
    assert (chosen.part("image"), chosen.part("text")) == (copy / "image.int8.onnx", None)
    assert chosen.spec.embedder.precision == "int8"
