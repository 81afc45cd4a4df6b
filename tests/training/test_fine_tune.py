"""From a trained start and photographs of real goods to a finished model, its report and its bundle."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from safetensors.torch import load_file

from tests.training.data.goods import write_manifest, write_shards
from tests.training.model.small import register
from training import config, model, train
from training.model.trained import trained
from training.run import Run

SMOKE = Path(__file__).parents[2] / "configs" / "train" / "smoke.yaml"
SHORT = (
    "schedule={steps: 4, warmup_steps: 1, validate_every_steps: 2, checkpoint_every_steps: 2, precision: fp32,"
    " threads: 1, ema_decay: 0.5}"
)
FROM_PHOTOGRAPHS = (
    "data.procedural_brands=0",
    "data.brands_per_batch=4",
    "data.views_per_brand=2",
    "data.forged_share=0.5",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("goods")
    write_manifest(made)
    write_shards(made)
    return made


@pytest.fixture(scope="module")
def start(folder: Path) -> Path:
    return tuned(folder, "start", "data.photos.manifest=${GOODS}/goods.csv")


def tuned(folder: Path, name: str, *overrides: str) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOODS", str(folder))
        common = (*FROM_PHOTOGRAPHS, SHORT, f"runs={folder}", f"data.cache={folder}", f"name={name}")
        return train.run(SMOKE, [*common, *overrides])


def test_the_finished_model_is_written_and_read_back(start: Path) -> None:
    weights = load_file(start / "model.safetensors")
    read = trained(Run(start)).state_dict()
    assert weights.keys() == read.keys()
    assert all(torch.equal(weights[name], read[name]) for name in weights)
    assert Run(start).ends().keys() == {"final"}


@pytest.mark.parametrize("mode", ["lora", "partial"])
def test_a_start_is_tuned_on_photographs_in_shards(folder: Path, start: Path, mode: str) -> None:
    part = ", trained: [visual.head]" if mode == "partial" else ""
    run = tuned(
        folder,
        f"tuned-{mode}",
        "data.photos.shards=['${GOODS}/goods-{000..001}.tar']",
        f"model.start={start}",
        f"model.tuning={{mode: {mode}, start_share: 0.5{part}}}",
        "tensorboard=true",
    )
    ends, report = Run(run).ends(), (run / "report.md").read_text()
    assert ends.keys() == {"start", "final"}
    assert "| | start | last validation | final | |" in report
    assert any(word in report for word in ("improves on its start", "does no better than", "does worse than"))
    assert load_file(run / "model.safetensors").keys() == load_file(start / "model.safetensors").keys()
    assert list((run / "tensorboard").glob("events*"))


def test_a_run_that_no_longer_gains_ends_early_with_its_best(folder: Path, start: Path) -> None:
    settings = ("data.photos.manifest=${GOODS}/goods.csv", f"model.start={start}", "schedule.learning_rate=1e-9")
    stop = "schedule.stop={metric: recall_at_1, patience_validations: 1, least_gain: 0.5}"
    run = tuned(folder, "patient", *settings, stop, "schedule.steps=40")
    assert [row["step"] for row in Run(run).metrics()] == [2, 4]
    assert "best recall_at_1, step 2" in (run / "report.md").read_text()
    again = tuned(folder, "patient", *settings, stop, "schedule.steps=40")
    assert len(Run(again).losses.rows()) == 4


def test_an_open_clip_architecture_is_trained_on_captions(folder: Path, tmp_path: Path) -> None:
    name = register(tmp_path)
    run = tuned(
        folder,
        "captions",
        "data.photos.manifest=${GOODS}/goods.csv",
        f"model={{open_clip: {name}, input_px: 32}}",
        "objectives={clip: {}, siglip: {weight: 0.1}}",
        "schedule.checkpointed_towers=true",
        "schedule.parts_per_step=2",
    )
    assert model.dim(config.load(run / "config.yaml").model) == 16
    assert Run(run).metrics()[-1]["clip_loss"] > 0
    assert trained(Run(run)).visual.conv1.weight.shape == (64, 3, 16, 16)
