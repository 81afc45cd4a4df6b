from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.synthesis import artwork

SIZE_PX = 96


def _write(path: Path, pixels: NDArray[np.uint8]) -> None:
    channels = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    assert cv2.imwrite(str(path), cv2.cvtColor(pixels, channels))


def _on_paper() -> NDArray[np.uint8]:
    """A red ring with a white middle on white paper."""
    pixels = np.full((120, 160, 3), 255, np.uint8)
    cv2.circle(pixels, (80, 60), 40, (200, 20, 30), 14, cv2.LINE_AA)
    return pixels


def _on_nothing() -> NDArray[np.uint8]:
    """A wide blue bar on transparency, with a strange colour hidden under it."""
    pixels = np.zeros((50, 200, 4), np.uint8)
    pixels[..., :3] = (0, 255, 0)
    pixels[20:30, 10:190] = (10, 20, 220, 255)
    return pixels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(tmp_path / "bar.png", _on_nothing())
    _write(tmp_path / "paper.png", _on_paper())
    (tmp_path / "empty.png").write_bytes(b"not a picture")
    _write(tmp_path / "nothing.png", np.zeros((40, 40, 4), np.uint8))
    (tmp_path / "notes.txt").write_text("no artwork")
    return tmp_path


def test_a_folder_is_read_in_the_order_of_its_names_and_names_what_it_skips(folder: Path) -> None:
    read = artwork.read_folder(folder, SIZE_PX)
    assert [one.name for one in read.artworks] == ["bar", "paper"]
    assert [line.split(":")[0] for line in read.skipped] == ["empty.png", "nothing.png"]


def test_limit_and_names_restrict(folder: Path) -> None:
    assert [one.name for one in artwork.load_folder(folder, SIZE_PX, limit=1)] == ["bar"]
    assert [one.name for one in artwork.load_folder(folder, SIZE_PX, names=["paper"])] == ["paper"]


def test_a_mark_is_fitted_with_its_aspect_and_a_margin(folder: Path) -> None:
    pixels = artwork.load(folder / "bar.png", SIZE_PX).pixels
    assert pixels.shape == (SIZE_PX, SIZE_PX, 4)
    rows, columns = np.nonzero(pixels[..., 3] > 127)
    width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert width == pytest.approx(SIZE_PX - 6, abs=2)
    assert width / height == pytest.approx(18, rel=0.15)


def test_no_colour_leaks_from_under_transparency(folder: Path) -> None:
    pixels = artwork.load(folder / "bar.png", SIZE_PX).pixels
    assert pixels[pixels[..., 3] > 20][:, 1].max() < 40


def test_paper_is_cut_away_outside_the_mark_only(folder: Path) -> None:
    pixels = artwork.load(folder / "paper.png", SIZE_PX).pixels
    assert pixels[2, 2, 3] == 0
    assert pixels[SIZE_PX // 2, SIZE_PX // 2].tolist() == [255, 255, 255, 255]
    rim = pixels[(pixels[..., 3] > 30) & (pixels[..., 3] < 220)]
    assert len(rim) > 20, "the edge is soft"
    assert np.median(rim[:, 0].astype(int) - rim[:, 1]) > 100, "and keeps the ink's colour, not a blend with white"


def test_opaque_artwork_on_another_ground_stays_opaque() -> None:
    pixels = np.full((40, 40, 4), (20, 40, 90, 255), np.uint8)
    pixels[10:20, 10:20, :3] = 255
    assert (artwork.cut_out(pixels)[..., 3] == 255).all()


def test_svg_marks_without_a_colour_get_one_from_their_name(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    drawing = '<svg viewBox="0 0 24 24" xmlns="http://www.w3.org/2000/svg"><path {}d="M2 2h20v10H2z"/></svg>'
    (tmp_path / "zanitor.svg").write_text(drawing.format(""))
    (tmp_path / "own.svg").write_text(drawing.format('fill="#00f" '))
    (tmp_path / "torn.svg").write_text("<svg")
    read = artwork.read_folder(tmp_path, SIZE_PX)
    own, named = (one.pixels[SIZE_PX // 2, SIZE_PX // 2] for one in read.artworks)
    assert own.tolist() == [0, 0, 255, 255]
    assert tuple(named[:3]) == artwork.colour_of("zanitor") != (0, 0, 0)
    assert [line.split(":")[0] for line in read.skipped] == ["torn.svg"]


@pytest.mark.parametrize(
    ("name", "excluded", "kept"),
    [
        ("ford", "ford", False),
        ("FORD-motor", "ford", False),
        ("burgerking", "burger-king", False),
        ("googlechrome", "chrome", False),
        ("mercedes", "mercedes-benz", False),
        ("skoda", "Škoda", False),
        ("lg-icon", "lg", False),
        ("algolia", "lg", True),
        ("active-campaign", "ac", True),
        ("general-electric", "general-motors", True),
        ("zanitor", "ford", True),
    ],
)
def test_artwork_touched_by_an_excluded_name_is_left_out(tmp_path: Path, name: str, excluded: str, kept: bool) -> None:
    (tmp_path / f"{name}.svg").touch()
    assert artwork.training_names(tmp_path, [excluded]) == ([name] if kept else [])


def test_benchmark_brands_come_from_every_folder_that_a_benchmark_uses(tmp_path: Path) -> None:
    (tmp_path / "emblems").mkdir()
    (tmp_path / "emblems" / "zarooq.png").touch()
    (tmp_path / "consumer_brands" / "peak-milk").mkdir(parents=True)
    (tmp_path / "phone_captures" / "jordan").mkdir(parents=True)
    (tmp_path / "wild_logos").mkdir()
    (tmp_path / "wild_logos" / "boxes.csv").write_text("file,brand,x1,y1,x2,y2\na.jpg,Unisef,0,0,1,1\n")
    assert {"zarooq", "peak-milk", "jordan", "Unisef", "bmw"} <= artwork.benchmark_brands(tmp_path)
