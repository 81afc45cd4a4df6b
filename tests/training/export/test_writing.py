"""A network becomes a bundle that serves in each precision that agrees with PyTorch, and in no other."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from tests.training.export import networks
from training.export import card, quantise, sources, tower, writing
from training.export.quantise import Recipe
from training.export.request import Request
from vision.bundle import Bundle, Precision
from vision.embedder import OnnxEmbedder, OnnxTextEmbedder, preprocess
from vision.errors import BundleInvalid, ConfigurationError, ExportRefused, OutputExists

ASKED = Request("tiny", queries=20, least_decisions=0.9)
PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16", "int8")


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "find", lambda request: networks.source())
        yield


@pytest.mark.parametrize("precision", PRECISIONS)
def test_each_precision_serves_what_pytorch_says(bundle: Path, precision: Precision) -> None:
    opened = Bundle.open(bundle, precision)
    image = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    inputs = torch.from_numpy(preprocess([image], opened.spec.embedder))
    with torch.no_grad():
        expected = networks.network().encode_image(inputs, normalize=True).numpy()
    assert float((OnnxEmbedder(opened).embed([image] * 3) * expected).sum(1).min()) > 0.99


@pytest.mark.parametrize("precision", PRECISIONS)
def test_captions_are_read_without_torch_as_with_it(bundle: Path, precision: Precision) -> None:
    said = ["a photo of a key ring", "something else"]
    tokens = networks.source().lexicon.encode(said)  # type: ignore[union-attr]
    with torch.no_grad():
        expected = networks.network().encode_text(tokens, normalize=True).numpy()
    found = OnnxTextEmbedder(Bundle.open(bundle, precision)).embed(said)
    assert float((found * expected).sum(1).min()) > 0.99


def test_the_spec_seals_and_measures_every_precision(bundle: Path) -> None:
    embedder = Bundle.open(bundle).spec.embedder
    assert tuple(embedder.variants) == PRECISIONS
    assert embedder.precision == "fp16"
    assert embedder.image == embedder.variants["fp16"].image
    assert embedder.variants["fp32"].measured["decisions"] == 1
    assert "int8 MatMul, Gemm" in embedder.variants["int8"].made
    assert embedder.measured["parity"]["image_cosine_min"] > 0.999
    assert embedder.measured["parity_asked"]["decisions"] == 0.9


def test_each_precision_has_a_fingerprint_of_its_own(bundle: Path) -> None:
    assert len({OnnxEmbedder(Bundle.open(bundle, precision)).fingerprint for precision in PRECISIONS}) == 3


def test_an_altered_variant_is_refused_though_another_serves(bundle: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    (copy / "image.int8.onnx").write_bytes(b"other")
    with pytest.raises(BundleInvalid, match=r"image\.int8\.onnx"):
        Bundle.open(copy)


def test_the_card_says_where_it_is_from_and_what_agrees(bundle: Path) -> None:
    text = (bundle / card.FILE).read_text("utf-8")
    assert "made for a test" in text
    assert all(f"| {precision} |" in text for precision in PRECISIONS)
    assert "90.00% of the photographs" in " ".join(text.split())


# --- what falls short ---------------------------------------------------------------------------


def broken(path: Path) -> None:
    """Turn the last matrix of a tower over: it still runs, and says something else."""
    network = onnx.load(str(path))
    matrix = [weight for weight in network.graph.initializer if len(weight.dims) == 2][-1]
    turned = numpy_helper.to_array(matrix)[::-1].copy()
    matrix.CopyFrom(numpy_helper.from_array(turned, matrix.name))
    onnx.save(network, str(path))


@pytest.fixture
def broken_int8(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = quantise.candidates

    def candidates(whole: Path, inputs: Any, folder: Path) -> Iterator[tuple[Recipe, Path]]:
        for recipe, path in honest(whole, inputs, folder):
            if inputs is not None:
                broken(path)
            yield recipe, path

    monkeypatch.setattr(quantise, "candidates", candidates)


@pytest.mark.usefixtures("broken_int8")
def test_a_precision_that_disagrees_is_left_out_with_why(tmp_path: Path) -> None:
    bundle = Bundle.open(writing.run(ASKED, tmp_path / "bundle"))
    embedder = bundle.spec.embedder
    assert tuple(embedder.variants) == ("fp32", "fp16")
    assert "image_cosine_min" in embedder.refused["int8"]
    assert not (bundle.path / "image.int8.onnx").exists()
    assert embedder.refused["int8"] in (bundle.path / card.FILE).read_text("utf-8")
    with pytest.raises(BundleInvalid, match="export refused them"):
        Bundle.open(bundle.path, "int8")


@pytest.mark.usefixtures("broken_int8")
@pytest.mark.parametrize("demand", [{"required": frozenset({"int8"})}, {"serve": "int8"}])
def test_a_precision_that_must_be_there_stops_the_export(tmp_path: Path, demand: dict[str, Any]) -> None:
    with pytest.raises(ExportRefused, match="int8 towers differ from PyTorch"):
        writing.run(Request("tiny", queries=20, **demand), tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_fp32_that_disagrees_stops_the_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = tower.write

    def write(module: torch.nn.Module, example: torch.Tensor, path: Path, side: tower.Side) -> None:
        honest(module, example, path, side)
        if side == "image":
            broken(path)

    monkeypatch.setattr(tower, "write", write)
    with pytest.raises(ExportRefused, match="fp32 towers differ from PyTorch"):
        writing.run(ASKED, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_only_the_precisions_asked_for_are_written(tmp_path: Path) -> None:
    asked = Request("tiny", precisions=("int8",), serve="int8", queries=20, least_decisions=0.9)
    bundle = Bundle.open(writing.run(asked, tmp_path / "bundle"))
    assert tuple(bundle.spec.embedder.variants) == ("int8",)
    assert sorted(path.name for path in bundle.path.glob("*.onnx")) == ["image.int8.onnx", "text.int8.onnx"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(OutputExists):
        writing.run(ASKED, tmp_path)


def test_what_is_served_must_be_made() -> None:
    with pytest.raises(ConfigurationError, match="int8 must be in the bundle"):
        Request("tiny", precisions=("fp32",), serve="int8")
