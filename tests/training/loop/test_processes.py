"""Processes that train together do what one does with all their parts."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from safetensors.torch import load_file

from tests.training.loop.running import SMOKE, arguments, start
from training import train
from training.loop.processes import Processes
from training.run import Run
from vision.errors import ConfigurationError

_PATIENCE_S = 600  # a busy machine starts processes slowly
OBJECTIVES = (
    "{supcon: {}, forged_margin: {weight: 0.3}, clip: {weight: 0.2}, siglip: {weight: 0.01}, arcface: {weight: 0.1}}"
)
SETTINGS = {
    "schedule__parts_per_step": "2",
    "schedule__steps": "4",
    "schedule__validate_every_steps": "4",
    "schedule__checkpoint_every_steps": "4",
    "objectives": OBJECTIVES,
}


@pytest.mark.slow
@pytest.mark.timeout(2 * _PATIENCE_S)
def test_two_processes_give_the_loss_of_one_with_the_doubled_batch(tmp_path: Path) -> None:
    """Every step's loss and terms, and the weights at the end, whose running statistics alone may differ a little."""
    one = Run(train.run(SMOKE, [word for word in arguments(tmp_path, "one", **SETTINGS)[2:] if word != "--set"]))
    together = start(arguments(tmp_path, "two", **SETTINGS), processes=2)
    assert together.wait(timeout=_PATIENCE_S) == 0, together.communicate()[1][-3000:]
    together.communicate()
    two = Run(tmp_path / "two")
    for expected, found in zip(one.losses.rows(), two.losses.rows(), strict=True):
        assert found == pytest.approx(expected, abs=1e-4)
    expected_weights, weights = (load_file(run.checkpoint / "weights.safetensors") for run in (one, two))
    learned = [key for key in weights if "running" not in key and "num_batches" not in key]
    assert max(float((expected_weights[key] - weights[key]).abs().max()) for key in learned) < 1e-4


@pytest.mark.parametrize(("rank", "expected"), [(0, [0, 1]), (1, [2, 3])])
def test_parts_are_shared_evenly(rank: int, expected: list[int]) -> None:
    assert list(Processes(torch.device("cpu"), rank, 2).parts(4)) == expected


def test_parts_that_cannot_be_shared_are_refused_with_a_remedy() -> None:
    with pytest.raises(ConfigurationError, match=r"--set schedule\.parts_per_step=2"):
        Processes(torch.device("cpu"), 0, 2).parts(3)
