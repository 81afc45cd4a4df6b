"""Evaluation sets: complete, balanced, reproducible, and written once."""

import csv
import dataclasses
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.synthesis.artwork import Artwork
from training.synthesis.forgery import KINDS
from training.synthesis.listings import COLUMNS, Row, write
from training.synthesis.plan import Plan, plan_jobs
from vision.errors import ConfigurationError, OutputExists

SMALL = Plan(brands=2, references=2, listings=4, unrelated=4, long_side_px=(120, 160), seed=3)


def artwork(number: int) -> Artwork:
    """A disc, a bar and a frame whose places and colours tell the number."""
    rng = np.random.default_rng(number)
    pixels = np.zeros((160, 160, 4), np.uint8)
    ink = [(*(int(c) for c in rng.integers(0, 230, 3)), 255) for _ in range(3)]
    cv2.rectangle(pixels, (8, 8), (152, 152), ink[0], 12, cv2.LINE_AA)
    cv2.circle(pixels, tuple(int(c) for c in rng.integers(50, 80, 2)), 24, ink[1], -1, cv2.LINE_AA)
    cv2.rectangle(pixels, (90, 40 + 8 * (number % 5)), (130, 125), ink[2], -1)
    return Artwork(f"brand-{number:02d}", pixels)


ARTWORKS = [artwork(number) for number in range(6)]


def table(out: Path) -> list[dict[str, str]]:
    with (out / "listings.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def contents(out: Path) -> dict[str, bytes]:
    return {str(file.relative_to(out)): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row]]:
    out = tmp_path_factory.mktemp("set") / "out"
    return out, list(write(SMALL, ARTWORKS, out))


def test_the_table_lists_every_listing_and_no_reference(written: tuple[Path, list[Row]]) -> None:
    rows = table(written[0])
    assert tuple(rows[0]) == COLUMNS
    assert Counter(row["label"] for row in rows) == {"genuine": 4, "counterfeit": 4, "unrelated": 4}
    assert {row["path"] for row in rows} == {f"listings/{i:04d}.jpg" for i in range(1, 13)}
    assert all(cv2.imread(str(written[0] / row["path"])) is not None for row in rows)


def test_each_brand_has_its_references(written: tuple[Path, list[Row]]) -> None:
    folders = sorted((written[0] / "references").iterdir())
    assert len(folders) == SMALL.brands
    assert all(len(list(folder.glob("*.jpg"))) == SMALL.references for folder in folders)
    assert {folder.name for folder in folders} == {row["brand"] for row in table(written[0])} - {""}


def test_rows_say_what_was_done(written: tuple[Path, list[Row]]) -> None:
    for row in table(written[0]):
        assert (row["alteration"] in KINDS) == (row["label"] == "counterfeit")
        assert (row["severity"] in {"1", "2", "3"}) == (row["label"] == "counterfeit")
        assert (row["brand"] == "") == (row["label"] == "unrelated")
        assert row["condition"] in {"mild", "hard"}


def test_processes_do_not_change_a_byte(written: tuple[Path, list[Row]], tmp_path: Path) -> None:
    again = list(write(SMALL, ARTWORKS, tmp_path / "again", processes=2))
    assert again == written[1]
    assert contents(tmp_path / "again") == contents(written[0])


def test_a_folder_that_holds_something_is_refused(written: tuple[Path, list[Row]]) -> None:
    with pytest.raises(OutputExists, match="not empty"):
        list(write(SMALL, ARTWORKS, written[0]))


def test_too_little_artwork_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="6 pieces of artwork for 6 brands"):
        plan_jobs(Plan(brands=6, unrelated=1), ARTWORKS)


def test_strangers_are_never_enrolled_and_skipped_brands_never_shown() -> None:
    jobs = plan_jobs(Plan(brands=2, skip_brands=2, unrelated=40), ARTWORKS)
    of_pixels = {id(art.pixels): art.name for art in ARTWORKS}
    enrolled = {job.brand for job in jobs if job.label == "reference"}
    shown = {of_pixels.get(id(job.artwork), "") for job in jobs if job.label == "unrelated"} - {""}
    assert len(enrolled) == 2
    assert len(shown | enrolled) == 4
    assert not shown & enrolled
    other = plan_jobs(Plan(brands=2, skip_brands=0, unrelated=0), ARTWORKS)
    assert not enrolled & {job.brand for job in other}


def test_nothing_but_the_design_tells_a_forgery() -> None:
    """Products and conditions of genuine and forged listings come from one distribution; each kind has its turn."""
    jobs = plan_jobs(Plan(brands=5, listings=400, references=1, unrelated=1), ARTWORKS)
    genuine, forged = ([job for job in jobs if job.label == label] for label in ("genuine", "counterfeit"))
    assert len(genuine) == len(forged) == 1000
    for trait in ("condition", "product"):
        seen, other = (Counter(str(getattr(job, trait)) for job in batch) for batch in (genuine, forged))
        assert max(abs(seen[value] - other[value]) for value in seen | other) < 80
    assert set(Counter(job.kinds[0] for job in forged).values()) == {100}
    pairs = Counter((job.kinds[0], job.severity) for job in forged)
    assert min(pairs.values()) >= 30
    order = [job.label for job in jobs if job.path.startswith("listings/")]
    assert order != sorted(order)


def test_the_command_writes_a_set_and_refuses_to_write_it_twice(tmp_path: Path) -> None:
    for art in ARTWORKS[:3]:
        (tmp_path / "artwork").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "artwork" / f"{art.name}.png"), cv2.cvtColor(art.pixels, cv2.COLOR_RGBA2BGRA))
    sizes = ["--brands=1", "--references=1", "--listings=2", "--unrelated=1", "--seed=4"]
    command = [sys.executable, "-m", "training.synthesis.listings", str(tmp_path / "out")]
    command += ["--artwork", str(tmp_path / "artwork"), *sizes]
    root = Path(__file__).parents[3]
    first = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr
    assert len(table(tmp_path / "out")) == 3
    second = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert "output_exists" in second.stderr


def test_a_brand_comes_in_print_and_in_one_other_finish_which_its_references_show() -> None:
    plan = dataclasses.replace(SMALL, references=8, listings=20, finishes=("metal", "monochrome"))
    jobs = plan_jobs(plan, ARTWORKS)
    for brand in {job.brand for job in jobs} - {""}:
        finishes = {
            label: {job.finish for job in jobs if (job.brand, job.label) == (brand, label)}
            for label in ("reference", "genuine", "counterfeit")
        }
        assert len(finishes["reference"]) == 2
        assert finishes["reference"] == finishes["genuine"] == finishes["counterfeit"]
    assert {job.finish for job in jobs} == {"printed", "metal", "monochrome"}
    assert not any("hue" in job.kinds for job in jobs if job.finish != "printed")


def test_no_hue_is_altered_where_photographs_have_none() -> None:
    plan = dataclasses.replace(SMALL, listings=40, listing_conditions=("mono", "mild"))
    jobs = [job for job in plan_jobs(plan, ARTWORKS) if job.label == "counterfeit"]
    assert {job.condition for job in jobs if "hue" in job.kinds} == {"mild"}


def test_finishes_leave_the_rest_of_a_plan_as_it_is() -> None:
    plain, finished = (plan_jobs(plan, ARTWORKS) for plan in (SMALL, dataclasses.replace(SMALL, finishes=("metal",))))
    assert [(job.path, job.brand, job.product, job.seed) for job in plain] == [
        (job.path, job.brand, job.product, job.seed) for job in finished
    ]


def test_the_table_tells_the_finish_where_there_are_several(tmp_path: Path) -> None:
    plan = dataclasses.replace(SMALL, finishes=("metal",), unrelated=0)
    list(write(plan, ARTWORKS, tmp_path))
    assert {row["finish"] for row in table(tmp_path)} <= {"printed", "metal"}
