"""The benchmark of real photographs: what it counts, and, where the data are, a small run of it."""

import csv
import dataclasses
import io
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.photographs.__main__ import main
from benchmarks.photographs.answer import Answer
from benchmarks.photographs.tables import share, wild_table
from benchmarks.photographs.trial import PHONE_ENROLLED, Budget, Trial, phone, wild
from training.listing import Listing

SMALL = Budget(references=2, listings=1, unrelated=1, frames=1)


@pytest.fixture(scope="module")
def data(shared_data: Path) -> Path:
    """The folder of real data, where it holds the photographs."""
    for name in ("wild_logos", "storefronts", "phone_captures", "consumer_brands"):
        if not (shared_data / name).is_dir():
            pytest.skip(f"no {name} in {shared_data}")
    return shared_data


def an_answer(brand: str | None, predicted: str, decision: str = "consistent") -> Answer:
    listing = Listing("a.jpg", Path("a.jpg"), brand, "genuine" if brand else "unrelated", {"slice": "brand"})
    decisions = dict.fromkeys((0.01, 0.05), decision)
    return Answer("wild", listing, 100, predicted, bool(predicted), 1, 20, 3.0, 0.0, 0.5, decisions)


@pytest.mark.parametrize(
    ("brand", "predicted", "outcome"),
    [("a", "a", "right"), ("a", "b", "wrong"), ("a", "", "missed"), (None, "a", "false"), (None, "", "quiet")],
)
def test_an_answer_is_right_or_says_how_it_is_not(brand: str | None, predicted: str, outcome: str) -> None:
    assert an_answer(brand, predicted).outcome == outcome


def test_a_share_comes_with_wilsons_interval() -> None:
    found = [an_answer("a", "a")] * 8 + [an_answer("a", "")] * 2
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3: 8 of 10
    assert share(found, lambda one: one.outcome == "right") == "8 of 10: 80.0% (49.0% to 94.3%)"
    assert share([], lambda one: True) == "-"


def test_the_table_counts_flags_of_all_and_of_the_recognised() -> None:
    found = [an_answer("a", "a", "divergent"), an_answer("a", "a"), an_answer("a", "", "unrecognised")]
    refused = dataclasses.replace(an_answer("a", ""), error="too small")
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(wild_table([*found, refused]))
    page = console.export_text()
    assert "2 of 3: 66.7%" in page
    assert "1 of 3: 33.3%" in page
    assert "1 of 2: 50.0%" in page


def test_no_photograph_is_enrolled_and_inspected(data: Path, tmp_path: Path) -> None:
    trial = wild(data, tmp_path, dataclasses.replace(SMALL, references=8, listings=7))
    enrolled = {file.stem for files in trial.references.values() for file in files}
    assert len(trial.references) == 13
    assert {len(files) for files in trial.references.values()} == {8}
    assert enrolled.isdisjoint(listing.file.stem for listing in trial.listings)
    assert trial.listings == wild(data, tmp_path, Budget(8, 7, 1, 1)).listings


def test_listings_are_cropped_on_demand(data: Path, tmp_path: Path) -> None:
    whole = wild(data, tmp_path, SMALL).listings
    cropped = wild(data, tmp_path, dataclasses.replace(SMALL, cropped=True)).listings
    assert [one.path for one in cropped] == [one.path for one in whole]
    assert [one.file.is_relative_to(tmp_path) for one in cropped] == [one.brand is not None for one in cropped]


def test_no_scene_is_enrolled_and_inspected(data: Path) -> None:
    inspected = {(one.brand, one.slices["slice"]) for one in phone(data, SMALL).listings}
    assert inspected.isdisjoint(PHONE_ENROLLED.items())
    assert len(inspected) == 11


def test_a_small_run_writes_a_row_and_a_picture_of_each_kind(data: Path, tmp_path: Path) -> None:
    small = [word for key, value in vars(SMALL).items() if key != "cropped" for word in (f"--{key}", str(value))]
    assert main([str(tmp_path), "--data", str(data), "--pictures", "1", *small]) == 0
    with (tmp_path / "photographs.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 13 + 2 + 11
    assert {row["outcome"] for row in rows if row["brand"]} <= {"right", "wrong", "missed"}
    pictures = [file.name.partition("-00-")[0] for file in (tmp_path / "evidence").iterdir()]
    assert pictures
    assert len(pictures) == len(set(pictures))


def test_a_crowd_is_enrolled_beside_the_brands_that_are_asked_about() -> None:
    own, other = (Path("own.jpg"),), (Path("other.jpg"),)
    trial = Trial("wild", {"acme": own}, [Listing("a.jpg", Path("a.jpg"), "acme", "genuine", {})], {})
    among = trial.among({"acme": other, "bolt": other})
    assert among.references == {"acme": own, "bolt": other}
    assert among.inspected == ("acme",)


def test_absent_data_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "out"), "--data", str(tmp_path)]) != 0
    assert "boxes.csv is not there" in " ".join(capsys.readouterr().err.split())
