"""A run that is killed and started again ends as one that never was."""

import random
import signal
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from safetensors.torch import load_file

from tests.training.loop.running import SMOKE, arguments, start
from training import train
from training.run import Run

_PATIENCE_S = 600  # a busy machine starts processes slowly
STEPS = {"schedule__steps": "14", "schedule__checkpoint_every_steps": "3", "schedule__validate_every_steps": "5"}


def trained(runs: Path, name: str) -> Run:
    """In this process, to the end."""
    return Run(train.run(SMOKE, [word for word in arguments(runs, name, **STEPS)[2:] if word != "--set"]))


def kill_after(runs: Path, name: str, step: int) -> None:
    """Start a run of its own and end it without warning once it has made so many steps."""
    process = start(arguments(runs, name, **STEPS))
    deadline = time.monotonic() + _PATIENCE_S
    while len(Run(runs / name).losses.rows()) < step:
        assert process.poll() is None, process.communicate()[1][-2000:]
        assert time.monotonic() < deadline, f"not at step {step} after {_PATIENCE_S} s"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()


@pytest.mark.slow
@pytest.mark.timeout(2 * _PATIENCE_S)
def test_a_killed_and_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    step = random.SystemRandom().randint(1, 12)
    whole = trained(tmp_path, "whole")
    kill_after(tmp_path, "killed", step)
    resumed = trained(tmp_path, "killed")
    curves = [[row["loss"] for row in run.losses.rows()] for run in (whole, resumed)]
    assert len(curves[0]) == 14
    assert curves[1] == pytest.approx(curves[0], abs=1e-6), f"killed after step {step}"
    assert [row["recall_at_1"] for row in resumed.metrics()] == [row["recall_at_1"] for row in whole.metrics()]
    for file in ("weights.safetensors", "average.safetensors"):
        expected, found = load_file(whole.checkpoint / file), load_file(resumed.checkpoint / file)
        assert expected.keys() == found.keys()
        assert max(float((expected[key] - found[key]).abs().max()) for key in expected) <= 1e-6
        assert all(torch.isfinite(tensor).all() for tensor in found.values())
