"""The localisation benchmark: what it counts on a small composed set, and that it runs from the command line."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.localise import __main__ as command
from benchmarks.localise.measured import Measured, by_photo, by_side, measure
from benchmarks.localise.photo_set import PhotoSet, composed, real
from benchmarks.localise.pictures import picture
from benchmarks.localise.proposer import Served, Windows
from benchmarks.localise.tables import share, sliced, slices
from tests.training.synthesis.test_listings import artwork
from training.localisation import Proposed
from vision.errors import ConfigurationError
from vision.photo import Photo


class Oracle:
    """Proposes the marks themselves."""

    name = "oracle"

    def __init__(self, photo_set: PhotoSet) -> None:
        self._boxes = iter([photo.truth.boxes for photo in photo_set.photos])

    def propose(self, photo: Photo) -> Proposed:
        boxes = next(self._boxes)
        return Proposed(boxes, np.ones(len(boxes)))


@pytest.fixture(scope="module")
def artworks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artwork")
    for number in range(44):
        art = artwork(number)
        cv2.imwrite(str(folder / f"{art.name}.png"), cv2.cvtColor(art.pixels, cv2.COLOR_RGBA2BGRA))
    return folder


@pytest.fixture(scope="module")
def photo_set(artworks: Path, tmp_path_factory: pytest.TempPathFactory) -> PhotoSet:
    return composed(tmp_path_factory.mktemp("set") / "scenes", artworks, 6, 0)


@pytest.fixture(scope="module")
def perfect(photo_set: PhotoSet) -> Measured:
    return measure(Oracle(photo_set), photo_set, lambda *_: None)


def test_who_proposes_the_marks_themselves_is_perfect(perfect: Measured) -> None:
    assert perfect.precision() == pytest.approx(1)
    assert perfect.precision_interval() == pytest.approx((1, 1))
    hits, marks = perfect.recall(by_side(0, np.inf), regions=1000)
    assert hits == marks > 0


def test_slices_part_the_marks(perfect: Measured) -> None:
    _, marks = perfect.recall(by_side(0, np.inf))
    for column in ("clutter", "count", "composition"):
        values = {one.photo.slices[column] for one in perfect.looked}
        assert sum(perfect.recall(by_photo(column, value))[1] for value in values) == marks
    assert sliced([perfect]).row_count <= len(list(slices(perfect)))
    assert share(0, 0) == "-"
    assert share(1, 2).startswith("0.500 (0.095 to 0.905) of 2")


def test_windows_stay_in_the_photo_and_are_looked_at_in_order(photo_set: PhotoSet) -> None:
    photo = Photo(np.zeros((300, 450, 3), np.uint8), "0" * 64, "png")
    for proposer in (Windows(), Served("served", 6)):
        proposed = proposer.propose(photo)
        assert (proposed.boxes[:, :2] >= -1e-6).all()
        assert (proposed.boxes[:, 2:] <= np.array([450, 300]) + 1e-6).all()
        assert (np.diff(proposed.scores) < 0).all()


def test_a_picture_has_the_photographs_size(perfect: Measured) -> None:
    one = perfect.looked[0]
    assert picture(one).shape == cv2.imread(str(one.photo.file), cv2.IMREAD_COLOR).shape  # type: ignore[union-attr]


def test_real_photographs_are_taken_evenly_and_their_absence_is_named(tmp_path: Path) -> None:
    (tmp_path / "storefronts").mkdir()
    lines = "".join(f"{number}.jpg,0,0,30,20\n" for number in range(9))
    (tmp_path / "storefronts" / "boxes.csv").write_text("file,x1,y1,x2,y2\n" + lines)
    (tmp_path / "storefronts" / "images").mkdir()
    for number in range(9):
        side = 20 if number == 3 else 40  # a photo of 20 px is refused
        cv2.imwrite(str(tmp_path / "storefronts" / "images" / f"{number}.jpg"), np.full((side, side, 3), 99, np.uint8))
    taken = real("storefronts", tmp_path, 4)
    assert [photo.file.name for photo in taken.photos] == ["0.jpg", "6.jpg"]
    with pytest.raises(ConfigurationError, match=r"boxes\.csv is not there"):
        real("wild_logos", tmp_path, 4)


def test_the_command_writes_table_plot_and_pictures(
    tmp_path: Path, artworks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = [str(out), "--data", str(tmp_path), "--artwork", str(artworks), "--scenes", "4", "--real", "0"]
    assert command.main([*arguments, "--pictures", "2"]) == 0
    with (out / "localise.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {"served today, 6 regions", "multi-scale windows"} <= {row["proposer"] for row in rows}
    assert (out / "localise.png").is_file()
    assert len(list((out / "pictures").glob("*.jpg"))) >= 1
    assert "multi-scale windows" in capsys.readouterr().out
