"""The benchmark of photos a second: that what it times is what is served, and that stages are told apart."""

from pathlib import Path

import cv2
import pytest

from benchmarks import rate
from tests.training.synthesis.test_listings import artwork


def test_stages_share_the_time_of_what_is_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    emblems = tmp_path / "data" / "emblems"
    emblems.mkdir(parents=True)
    for number in range(4):
        art = artwork(number)
        cv2.imwrite(str(emblems / f"{art.name}.png"), cv2.cvtColor(art.pixels, cv2.COLOR_RGBA2BGRA))
    asked = ["--data", str(tmp_path / "data"), "--brands", "2", "--photos", "5", "--side-px", "320", "--threads", "1"]
    rate.main([str(tmp_path / "out"), *asked])
    page = capsys.readouterr().out
    assert "5 scenes of 320 px" in page
    found = {line.split()[1]: line.split()[3] for line in page.splitlines() if line.count("%") == 1}
    assert set(found) == {*rate.STAGES, "rest"}
    assert sum(float(share[:-1]) for share in found.values()) == pytest.approx(100, abs=1)
    assert float(found["features"][:-1]) > 0 < float(found["embed"][:-1])


def test_a_rate_is_of_wall_time_and_a_cost_of_cpu_time() -> None:
    spent, answers = rate.timed(len, ["a", "bb"], threads=2)
    assert answers == [1, 2]
    assert rate.Timed(10, wall_s=2.0, cpu_s=4.0).rate == 5.0
    assert rate.Timed(10, wall_s=2.0, cpu_s=4.0).cpu_ms == 400.0
    assert spent.photos == 2
