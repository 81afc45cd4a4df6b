"""The atlas is drawn once, and says truly what it holds. No torch is needed here."""

from pathlib import Path

import numpy as np
import pytest

from training import atlas
from training.config import DataConfig
from vision.errors import ConfigurationError

BLUE_SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="#2244cc" d="M1 1h7v7h-7z"/></svg>'


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> DataConfig:
    cache = str(tmp_path_factory.mktemp("atlas"))
    return DataConfig(procedural_brands=6, forgeries_per_mark=1, atlas_px=64, workers=0, cache=cache)


def test_an_atlas_is_drawn_once(config: DataConfig) -> None:
    first = atlas.open_or_draw(config)
    (folder,) = Path(config.cache).iterdir()
    drawn = (folder / "marks.npy").stat().st_mtime_ns
    again = atlas.open_or_draw(config)
    assert (folder / "marks.npy").stat().st_mtime_ns == drawn
    assert first.brands == again.brands
    assert len(first.brands) == len(first.words) == len(first.forged) == 6


def test_a_forgery_differs_from_its_mark(config: DataConfig) -> None:
    marks = atlas.open_or_draw(config)
    changed = (marks.layers[: len(marks.brands), 1] != marks.layers[: len(marks.brands), 0]).any((1, 2, 3))
    np.testing.assert_array_equal(changed, marks.forged[:, 0])


def test_artwork_of_held_out_brands_is_left_out(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="resvg_py is not installed (extra: train)")
    for name in ("acme", "acme-icon", "bolt", "ferrari", "secret-brand"):
        (tmp_path / f"{name}.svg").write_text(BLUE_SQUARE)
    config = DataConfig(
        procedural_brands=0,
        artwork=(str(tmp_path),),
        held_out=("Secret Brand",),
        forgeries_per_mark=0,
        atlas_px=32,
        workers=0,
        cache=str(tmp_path / "cache"),
    )
    marks = atlas.open_or_draw(config)
    assert marks.brands == ("acme", "acme", "bolt")  # versions of one mark are one brand
    assert set(marks.words) == {"blue square"}


def test_an_artwork_folder_that_is_absent_is_named(tmp_path: Path) -> None:
    config = DataConfig(procedural_brands=0, artwork=(str(tmp_path / "nowhere"),), cache=str(tmp_path))
    with pytest.raises(ConfigurationError, match="nowhere is no folder"):
        atlas.open_or_draw(config)


def test_words_describe_the_mark() -> None:
    mark = np.zeros((64, 64, 4), np.uint8)
    mark[24:40, 4:60] = (220, 30, 40, 255)
    assert atlas.describe(mark) == "red wide"
