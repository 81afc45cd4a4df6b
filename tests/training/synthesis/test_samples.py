"""The samples that the demo carries can be drawn again."""

from pathlib import Path

import pytest

from cli.demo import samples as carried
from training.synthesis import samples
from training.synthesis.plan import plan_jobs
from vision.errors import OutputExists


def test_the_carried_samples_are_of_the_brands_and_the_plan() -> None:
    jobs = plan_jobs(samples.PLAN, samples.brands())
    listed = {path.relative_to(carried()).as_posix() for path in carried().rglob("*.jpg")}
    assert {job.path for job in jobs} == listed


def test_no_sample_brand_was_trained_on() -> None:
    from training.config import DataConfig

    assert DataConfig(procedural_brands=1).procedural_first_seed + 1_000_000 < samples.FIRST_SEED


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    with pytest.raises(OutputExists, match="not empty"):
        samples.write(tmp_path)
