"""The benchmark of whole scenes: what a trial writes, and that it runs from the command line."""

import csv
from pathlib import Path

import cv2
import pytest

from benchmarks.scenes import __main__ as command
from benchmarks.scenes.tables import auroc, right, share, slices, summary
from benchmarks.scenes.trial import CROWD_REFERENCES, Trial
from tests.training.synthesis.test_listings import artwork
from training.evaluate import Outcome
from training.listing import Listing


def _drawn(folder: Path, numbers: range) -> Path:
    folder.mkdir()
    for number in numbers:
        art = artwork(number)
        cv2.imwrite(str(folder / f"{art.name}.png"), cv2.cvtColor(art.pixels, cv2.COLOR_RGBA2BGRA))
    return folder


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over two brands and a crowd of three."""
    root = tmp_path_factory.mktemp("scenes")
    data, crowd = root / "data", _drawn(root / "crowd", range(20, 26))
    data.mkdir()
    _drawn(data / "emblems", range(5))
    sizes = ["--brands", "2", "--scenes", "4", "--unrelated", "2", "--crowd-brands", "3"]
    assert command.main([str(root / "out"), "--data", str(data), "--crowd", str(crowd), *sizes]) == 0
    return root / "out"


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_crop_holds_each_listed_mark_and_keeps_what_is_known_of_it(ran: Path) -> None:
    trial = Trial(ran / "trial")
    scenes = {Path(row["path"]).stem: row for row in _rows(trial.listings)}
    cropped = _rows(trial.cropped)
    assert {Path(row["path"]).stem for row in cropped} == {name for name, row in scenes.items() if row["mark_px"]}
    for row in cropped:
        pixels = cv2.imread(str(trial.folder / row["path"]))
        assert pixels is not None
        assert int(row["mark_px"]) <= max(pixels.shape) <= 1.6 * int(row["mark_px"]) + 2
        assert {**row, "path": ""} == {**scenes[Path(row["path"]).stem], "path": ""}


def test_the_crowd_stands_beside_the_same_brands(ran: Path) -> None:
    trial = Trial(ran / "trial")
    listed = {folder.name for folder in trial.references.iterdir()}
    crowd = {folder.name: len(list(folder.iterdir())) for folder in trial.crowd.iterdir()}
    assert listed < set(crowd)
    assert [count for name, count in crowd.items() if name not in listed] == [CROWD_REFERENCES] * 3


def test_every_run_answers_every_listing(ran: Path) -> None:
    counts = {
        folder.name: len(_rows(folder / "scores.csv")) for folder in ran.iterdir() if (folder / "report.json").is_file()
    }
    assert counts == {"2-brands": 6, "2-brands-cropped": 4, "5-brands": 6}


def _outcome(label: str, predicted: str, score: float, mark_px: int) -> Outcome:
    slices = {"mark_px": str(mark_px), "marks": "1", "composition": "held", "clutter": "low", "condition": "mild"}
    return Outcome(Listing("x", Path("x"), "b", label, slices | {"overlaid": "0"}), predicted, score=score)


def test_figures_are_of_the_marks_that_a_slice_names() -> None:
    outcomes = [
        _outcome("genuine", "b", 0.1, 100),
        _outcome("genuine", "", 0.9, 30),
        _outcome("counterfeit", "b", 0.5, 100),
    ]
    assert auroc(outcomes) == 0.5
    kept = {name: [one for one in outcomes if keep(one)] for name, keep in slices(outcomes)}
    assert auroc(kept["mark of 96 to 192 px"]) == 1.0
    assert [right(one) for one in kept["mark of 0 to 48 px"]] == [False]
    assert len(kept["marks in the photo 1"]) == len(kept["composition held"]) == 3
    assert summary({"one": outcomes}).row_count == 1


def test_a_share_carries_its_interval() -> None:
    assert share([True, False]) == "1 of 2: 0.500 (0.095 to 0.905)"
    assert share([]) == "-"
