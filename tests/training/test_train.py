"""A tiny run from configuration to a served bundle, stopped and resumed on the way."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from safetensors.torch import load_file

from training import config, train
from training.export import writing
from training.export.request import Request
from training.loop.rate import learning_rate
from training.loop.trainer import Trainer
from training.objective.blend import Sizes
from training.run import Run
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder, OnnxTextEmbedder
from vision.errors import ConfigurationError, OutputExists

SMOKE = Path(__file__).parents[2] / "configs" / "train" / "smoke.yaml"
TEACHER = f"name: mini, source: this repository, bundle: {carried()}"
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
    assert [row["step"] for row in Run(whole).metrics()] == [2, 4]
    assert (whole / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_resumed_run_equals_an_uninterrupted_one(runs: Path, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    descend = Trainer.step

    def dies_at_three(self: Trainer, parts: object, step: int) -> object:
        if step == 3:
            raise KeyboardInterrupt
        return descend(self, parts, step)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", dies_at_three)
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
    asked = Request(str(whole), queries=20, least_decisions=0.9)
    bundle = Bundle.open(writing.run(asked, tmp_path / "bundle"))
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    vector = OnnxEmbedder(bundle).embed([image])
    assert vector.shape == (1, 64)
    assert OnnxTextEmbedder(bundle).embed(["a red round mark"]).shape == (1, 64)
    measured = bundle.spec.embedder.measured
    assert measured["parity"]["image_cosine_min"] > 0.999
    assert measured["validation"]["step"] == 4
    with pytest.raises(OutputExists):
        writing.run(asked, tmp_path / "bundle")


def test_what_is_no_run_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no run folder"):
        writing.run(Request(str(tmp_path)), tmp_path / "bundle")


def test_a_teacher_is_learned_from_beside_brands_and_only_once_looked_at(runs: Path) -> None:
    """The carried bundle teaches a tiny one; a second run finds the lessons on disk."""
    distil = f"{{views: 48, views_px: 64, views_per_batch: 16, teachers: [{{{TEACHER}}}]}}"
    taught = train.run(SMOKE, overrides(runs, "taught", f"objectives={{supcon: {{}}, distil: {distil}}}"))
    rows = Run(taught).metrics()
    assert 0 < float(rows[-1]["distil_loss"]) < 2
    lessons = list((runs / "atlas").glob("*/lessons-*/*.npy"))
    written = {path: path.stat().st_mtime_ns for path in lessons}
    assert len(lessons) == 2
    train.run(SMOKE, overrides(runs, "alone", f"objectives={{distil: {distil}}}"))
    assert {path: path.stat().st_mtime_ns for path in lessons} == written


def test_a_run_starts_from_another_runs_weights(runs: Path, whole: Path) -> None:
    settings = config.load(SMOKE, overrides(runs, "onward", f"model.start={whole}"))
    begun = Trainer.of(settings, Sizes(64)).model.state_dict()
    averaged = load_file(whole / "checkpoint" / "average.safetensors")
    assert all(torch.equal(begun[name], averaged[f"module.{name}"]) for name in begun)


@pytest.mark.parametrize("start", ["absent", "whole/config.yaml"])
def test_a_start_that_is_none_is_refused(runs: Path, whole: Path, start: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is absent|is no checkpoint"):
        Trainer.of(config.load(SMOKE, overrides(runs, "onward", f"model.start={runs / start}")), Sizes(64))


def test_a_start_of_another_architecture_is_refused(runs: Path, whole: Path) -> None:
    with pytest.raises(ConfigurationError, match="of this architecture"):
        Trainer.of(config.load(SMOKE, overrides(runs, "onward", f"model.start={whole}", "model.dim=32")), Sizes(64))


def test_what_is_not_there_is_told_before_a_mark_is_drawn(tmp_path: Path) -> None:
    absent = f"{{name: gone, source: example.org/gone, onnx: {tmp_path / 'gone.onnx'}}}"
    for fault in (f"objectives={{distil: {{teachers: [{absent}]}}}}", f"model.start={tmp_path / 'gone'}"):
        with pytest.raises(ConfigurationError, match="absent"):
            train.run(SMOKE, [*overrides(tmp_path, "early"), fault])
    assert not (tmp_path / "atlas").exists()


def test_an_architecture_that_nobody_knows_is_refused(runs: Path) -> None:
    with pytest.raises(ConfigurationError, match="no timm architecture"):
        train.run(SMOKE, overrides(runs, "odd", "model.vision=resnet9000"))


def test_the_learning_rate_warms_up_and_falls_to_nothing() -> None:
    schedule = config.ScheduleConfig(steps=100, warmup_steps=10, learning_rate=1.0)
    rates = [learning_rate(schedule, step) for step in range(101)]
    assert rates[0] == 0.1
    assert rates[10] == max(rates) == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0)
