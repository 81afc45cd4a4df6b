"""Every kind of source is found, read safely, and refused in words where it cannot be used."""

import pickle
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import open_clip
import torch
from safetensors.torch import save_file

from training.export import sources, weights
from training.export.request import Request
from vision.errors import CheckpointRefused, ConfigurationError, WeightsUnavailable

ARCHITECTURE = "ViT-S-32"


@pytest.fixture(scope="module")
def trained() -> dict[str, torch.Tensor]:
    """Weights of a real architecture that are not those of `--random`."""
    torch.manual_seed(7)
    return dict(open_clip.create_model(ARCHITECTURE).state_dict())


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt", "weights.bin"])
def test_a_checkpoint_is_read(trained: dict[str, torch.Tensor], tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if file.suffix == ".safetensors":
        save_file(trained, file)
    else:
        torch.save({"state_dict": {f"module.{key}": value for key, value in trained.items()}}, file)
    found = sources.find(Request(str(file), architecture=ARCHITECTURE))
    assert torch.equal(found.network.visual.proj, trained["visual.proj"])
    assert "sha256" in found.origin


class Payload:
    """What a pickle runs when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_that_could_run_code_is_refused_unread(tmp_path: Path, zipped: bool) -> None:
    file, mark = tmp_path / "weights.pt", tmp_path / "ran"
    if zipped:
        torch.save({"state_dict": Payload(mark)}, file)
    else:
        file.write_bytes(pickle.dumps({"state_dict": Payload(mark)}))
    with pytest.raises(CheckpointRefused, match="safetensors"):
        sources.find(Request(str(file), architecture=ARCHITECTURE))
    assert not mark.exists()


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt", "weights.ckpt"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x02 no weights")
    with pytest.raises(CheckpointRefused, match=name):
        sources.find(Request(str(tmp_path / name), architecture=ARCHITECTURE))


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    save_file({"visual.proj": torch.zeros(2, 2)}, tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointRefused, match="architecture"):
        sources.find(Request(str(tmp_path / "weights.safetensors"), architecture=ARCHITECTURE))


def test_weights_that_cannot_be_downloaded_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_CACHE", "/absent")
    with pytest.raises(WeightsUnavailable) as told:
        sources.find(Request("ViT-B-32:laion2b_s34b_b79k"))
    assert "laion/CLIP-ViT-B-32-laion2B-s34B-b79K" in str(told.value)
    assert "touchstone export FILE DIR --architecture ViT-B-32" in str(told.value)
    assert told.value.exit_code == 2


def test_a_tag_that_is_downloaded_is_read(
    trained: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file(trained, tmp_path / "open_clip_model.safetensors")
    settings = {"file": str(tmp_path / "open_clip_model.safetensors"), "mean": (0.1, 0.2, 0.3), "resize_mode": "squash"}
    monkeypatch.setattr(open_clip, "list_pretrained_tags_by_model", lambda name: ["here"])
    monkeypatch.setattr(weights, "get_pretrained_cfg", lambda name, tag: settings)
    for request in (Request(f"{ARCHITECTURE}:here"), Request(ARCHITECTURE, pretrained="here")):
        found = sources.find(request)
        assert torch.equal(found.network.visual.proj, trained["visual.proj"])
        assert (found.pixels.mean, found.pixels.resize) == ((0.1, 0.2, 0.3), "squash")


def test_weights_of_another_activation_are_refused_before_they_are_downloaded() -> None:
    with pytest.raises(ConfigurationError, match="export ViT-B-32-quickgelu:openai"):
        sources.find(Request("ViT-B-32:openai"))


def test_random_weights_are_the_same_again_and_recorded() -> None:
    first, second = (sources.find(Request(ARCHITECTURE, random=True)) for _ in range(2))
    assert torch.equal(first.network.visual.proj, second.network.visual.proj)
    assert "RANDOM" in first.origin


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Request("ViT-B-32"), "--random"),
        (Request("ViT-B-32:no-such-tag"), "choose from"),
        (Request("ViT-B-33"), "ViT-B-32"),
        (Request("ViT-B-32:openai", random=True), "leave one out"),
        (Request("ViT-B-32", architecture="ViT-B-32", random=True), "leave out --architecture"),
    ],
)
def test_a_source_that_names_nothing_usable_says_what_would(request_: Request, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        sources.find(request_)


def test_a_checkpoint_needs_its_architecture(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="--architecture"):
        sources.find(Request(str(tmp_path / "weights.safetensors")))


def test_a_folder_takes_no_tag(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="leave out --pretrained and --random"):
        sources.find(Request(str(tmp_path), pretrained="openai", random=True))
