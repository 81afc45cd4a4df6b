"""A tiny run from configuration to a served bundle, stopped and resumed on the way."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

from training import config, export, train
from training.run import Run
from vision.bundle import Bundle
from vision.embedder import OnnxEmbedder, OnnxTextEmbedder
from vision.errors import ConfigurationError, OutputExists

SMOKE = Path(__file__).parents[2] / "configs" / "train" / "smoke.yaml"
TINY = (
    "data.procedural_brands=8",
    "data.validation_brands=2",
    "data.brands_per_batch=4",
    "schedule.steps=4",
    "schedule.warmup_steps=1",
    "schedule.validate_every_steps=2",
    "schedule.checkpoint_every_steps=2",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def overrides(runs: Path, name: str, *more: str) -> list[str]:
    return [*TINY, f"runs={runs}", f"data.cache={runs / 'atlas'}", f"name={name}", *more]


@pytest.fixture(scope="module")
def whole(runs: Path) -> Path:
    return train.run(SMOKE, overrides(runs, "whole"))


def test_a_run_folder_says_what_was_asked_and_where(whole: Path) -> None:
    assert Run(whole).config() == config.load(SMOKE, overrides(whole.parent, "whole"))
    assert set(json.loads((whole / "environment.json").read_text())) >= {"commit", "torch", "python", "cores"}
    assert [row["step"] for row in Run(whole).metrics()] == ["2", "4"]
    assert (whole / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_resumed_run_equals_an_uninterrupted_one(runs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descend = train.Trainer.step

    def dies_at_three(self: train.Trainer, batch: object, step: int) -> object:
        if step == 3:
            raise KeyboardInterrupt
        return descend(self, batch, step)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(train.Trainer, "step", dies_at_three)
        with pytest.raises(KeyboardInterrupt):
            train.run(SMOKE, overrides(runs, "broken"))
    resumed = train.run(SMOKE, overrides(runs, "broken"))
    for file in ("weights.safetensors", "average.safetensors"):
        assert (resumed / "checkpoint" / file).read_bytes() == (whole / "checkpoint" / file).read_bytes()
    assert (resumed / "metrics.csv").read_text() == (whole / "metrics.csv").read_text()


def test_a_folder_of_another_configuration_is_left_alone(runs: Path, whole: Path) -> None:
    with pytest.raises(ConfigurationError, match="another configuration"):
        train.run(SMOKE, overrides(runs, "whole", "seed=99"))


def test_a_run_becomes_a_bundle_that_serves(whole: Path, tmp_path: Path) -> None:
    bundle = Bundle.open(export.run(str(whole), tmp_path / "bundle"))
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    vector = OnnxEmbedder(bundle).embed([image])
    assert vector.shape == (1, 64)
    assert OnnxTextEmbedder(bundle).embed(["a red round mark"]).shape == (1, 64)
    measured = bundle.spec.embedder.measured
    assert measured["parity"]["image_cosine"] > export.LEAST_COSINE
    assert measured["validation"]["step"] == 4
    with pytest.raises(OutputExists):
        export.run(str(whole), tmp_path / "bundle")


def test_what_is_no_run_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no run folder"):
        export.run(str(tmp_path), tmp_path / "bundle")


def test_an_architecture_that_nobody_knows_is_refused(runs: Path) -> None:
    with pytest.raises(ConfigurationError, match="no timm architecture"):
        train.run(SMOKE, overrides(runs, "odd", "model.vision=resnet9000"))


def test_the_learning_rate_warms_up_and_falls_to_nothing() -> None:
    schedule = config.ScheduleConfig(steps=100, warmup_steps=10, learning_rate=1.0)
    rates = [train.learning_rate(schedule, step) for step in range(101)]
    assert rates[0] == 0.1
    assert rates[10] == max(rates) == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0)
