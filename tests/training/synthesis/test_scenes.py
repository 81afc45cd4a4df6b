"""Sets of scenes: complete, labelled truly, reproducible, and written once."""

import csv
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.training.synthesis.test_listings import artwork, contents
from training.synthesis import scenes
from training.synthesis.scene_plan import ScenePlan, scene_jobs
from vision.errors import ConfigurationError, OutputExists

ARTWORKS = [artwork(number) for number in range(7)]
SMALL = ScenePlan(brands=3, references=1, scenes=9, unrelated=5, long_side_px=(200, 260), seed=2)


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("scenes") / "set"
    assert len(list(scenes.write(SMALL, ARTWORKS, out))) == 14
    return out


def test_every_scene_is_in_the_table_and_every_box_in_a_scene(written: Path) -> None:
    rows, boxes = table(written / "listings.csv"), table(written / "boxes.csv")
    assert Counter(row["label"] for row in rows) == {"genuine": 6, "counterfeit": 3, "unrelated": 5}
    sizes = {row["path"]: np.asarray(cv2.imread(str(written / row["path"]))).shape for row in rows}
    for box in boxes:
        height, width = sizes[box["path"]][:2]
        assert 0 <= int(box["x1"]) < int(box["x2"]) <= width
        assert 0 <= int(box["y1"]) < int(box["y2"]) <= height
    assert len(list((written / "references").rglob("*.jpg"))) == 3
    assert (written / "contact.png").is_file()


def test_a_listing_shows_the_brand_that_it_is_about(written: Path) -> None:
    boxes = table(written / "boxes.csv")
    for row in table(written / "listings.csv"):
        listed = [box for box in boxes if box["path"] == row["path"] and box["listed"] == "1"]
        assert {box["brand"] for box in listed} == ({row["brand"]} if row["brand"] else set())
        assert all(box["label"] == row["label"] for box in listed)
        assert bool(row["alteration"]) == (row["label"] == "counterfeit")
        assert row["mark_px"].isdigit() == bool(row["brand"])


def test_the_number_of_processes_does_not_change_a_byte(written: Path, tmp_path: Path) -> None:
    list(scenes.write(SMALL, ARTWORKS, tmp_path / "again", processes=2))
    assert contents(tmp_path / "again") == contents(written)


def test_strangers_are_never_listed() -> None:
    jobs = scene_jobs(ScenePlan(brands=3, scenes=30, unrelated=30), ARTWORKS)
    listed = {job.listed.name for job in jobs if job.listed is not None}
    others = {art.name for job in jobs for art in job.bystanders}
    assert len(listed) == 3
    assert not listed & others
    assert sum(not job.bystanders for job in jobs if job.label == "unrelated") == 12


def test_what_is_drawn_of_a_scene_does_not_tell_whether_it_is_forged() -> None:
    plan = ScenePlan(brands=3, scenes=60, unrelated=0)
    jobs, other = (scene_jobs(p, ARTWORKS) for p in (plan, ScenePlan(brands=3, scenes=60, unrelated=0, forged_share=0)))
    assert [(j.condition, j.long_side_px, j.bystanders) for j in jobs] == [
        (j.condition, j.long_side_px, j.bystanders) for j in other
    ]
    assert Counter(job.label for job in jobs) == {"genuine": 30, "counterfeit": 30}
    assert {job.label for job in other} == {"genuine"}


def test_too_little_artwork_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="8 are needed"):
        scene_jobs(ScenePlan(brands=7), ARTWORKS)


def test_a_folder_that_holds_something_is_refused(written: Path) -> None:
    with pytest.raises(OutputExists):
        list(scenes.write(SMALL, ARTWORKS, written))


def test_the_command_writes_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "art").mkdir()
    for art in ARTWORKS[:3]:
        pixels = cv2.cvtColor(np.asarray(art.pixels), cv2.COLOR_RGBA2BGRA)
        cv2.imwrite(str(tmp_path / "art" / f"{art.name}.png"), pixels)
    sizes = ["--brands", "2", "--references", "0", "--scenes", "2", "--unrelated", "1", "--long-side-px", "160", "200"]
    command = [str(tmp_path / "out"), "--artwork", str(tmp_path / "art"), *sizes]
    assert scenes.main(command) == 0
    assert len(table(tmp_path / "out" / "listings.csv")) == 3
    assert not (tmp_path / "out" / "references").exists()
    assert scenes.main(command) == 2
    assert "output_exists" in capsys.readouterr().err
