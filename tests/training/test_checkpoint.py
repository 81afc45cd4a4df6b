"""A checkpoint gives back exactly what was saved, and a crash never leaves none."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch

from training import checkpoint
from vision.errors import ConfigurationError


def progress(seed: int) -> checkpoint.Progress:
    torch.manual_seed(seed)
    model, average = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    return checkpoint.Progress(model, average, torch.nn.Linear(2, 2), optimiser)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    saved, fresh = progress(1), progress(2)
    checkpoint.save(tmp_path / "checkpoint", saved, 17)
    assert checkpoint.restore(tmp_path / "checkpoint", fresh) == 17
    for name, tensor in saved.model.state_dict().items():
        assert torch.equal(fresh.model.state_dict()[name], tensor)
    moments = [state["exp_avg"] for state in saved.optimiser.state.values()]
    assert all(torch.equal(a, b["exp_avg"]) for a, b in zip(moments, fresh.optimiser.state.values(), strict=True))


def test_no_checkpoint_is_step_zero(tmp_path: Path) -> None:
    assert checkpoint.restore(tmp_path / "checkpoint", progress(1)) == 0


def test_a_crash_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint"
    checkpoint.save(folder, progress(1), 5)
    folder.rename(folder.with_name("checkpoint.old"))
    assert checkpoint.restore(folder, progress(2)) == 5


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    checkpoint.save_weights(torch.nn.Linear(4, 4), tmp_path / "w.safetensors")
    with pytest.raises(ConfigurationError, match="does not hold this model's weights"):
        checkpoint.load_weights(torch.nn.Linear(3, 2), tmp_path / "w.safetensors")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(b"nothing")
    with pytest.raises(ConfigurationError):
        checkpoint.load_weights(torch.nn.Linear(3, 2), tmp_path / "w.safetensors")
