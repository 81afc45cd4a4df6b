"""The recognition slice: the set it draws, what it counts, who looks, and that it runs from the command line."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.recognition import __main__ as command
from benchmarks.recognition import emblem_set, goods, mistakes, wild_set
from benchmarks.recognition.bars import held
from benchmarks.recognition.crop import Crop
from benchmarks.recognition.embedders import Asked, of_bundle, untrained
from benchmarks.recognition.emblem_set import EmblemPlan
from benchmarks.recognition.handmade import Handmade, edges
from benchmarks.recognition.measured import Row, measure
from benchmarks.recognition.ranking import ranked
from tests.training.synthesis.test_listings import artwork
from training.data import manifest
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder
from vision.errors import ConfigurationError, OutputExists

PLAN = EmblemPlan(brands=4, strangers=2, references=2, genuine=1, seed=3)


class Oracle:
    """Sees the brand itself, and nothing in a stranger."""

    name = "oracle"

    def __init__(self, crops: Sequence[Crop]) -> None:
        brands = sorted({one.brand for one in crops})
        known = {one.brand for one in crops if one.role != "stranger"}
        seen = np.eye(len(brands), dtype=np.float32)
        self._next = iter([seen[brands.index(c.brand)] if c.brand in known else 0 * seen[0] for c in crops])

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        return np.stack([next(self._next) for _ in images])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Artwork, and three boxed photographs of two brands."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("emblems", "wild_logos/images"):
        (folder / name).mkdir(parents=True)
    lines = ["file,brand,x1,y1,x2,y2"]
    for number in range(7):
        art = artwork(number)
        cv2.imwrite(str(folder / "emblems" / f"{art.name}.png"), cv2.cvtColor(art.pixels, cv2.COLOR_RGBA2BGRA))
    for number in range(4):
        cv2.imwrite(str(folder / "wild_logos" / "images" / f"{number}.jpg"), artwork(number // 2).pixels[..., :3])
        lines.append(f"{number}.jpg,brand-{number // 2},10,10,{150 - number},150")
    (folder / "wild_logos" / "boxes.csv").write_text("\n".join([*lines, "0.jpg,brand-0,3,3,9,140", ""]))
    return folder


@pytest.fixture(scope="module")
def drawn(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    artworks = [artwork(number) for number in range(7)]
    assert len(list(emblem_set.write(PLAN, artworks, folder))) == PLAN.photographs
    return folder


def test_the_set_asks_for_each_brand_alike(drawn: Path) -> None:
    crops = emblem_set.load(drawn)
    assert len(crops) == PLAN.photographs
    counted = Counter((one.role, one.condition) for one in crops)
    assert counted[("reference", "studio")] == 8
    for condition in ("mild", "hard"):
        assert [counted[(role, condition)] for role in ("genuine", "forged", "stranger")] == [4, 4, 2]
    strangers = {one.brand for one in crops if one.role == "stranger"}
    assert not strangers & {one.brand for one in crops if one.role != "stranger"}
    assert len({one.file for one in crops}) == len(crops)
    with (drawn / "marks.csv").open(encoding="utf-8") as lines:
        assert all(bool(row["alteration"]) == (row["role"] == "forged") for row in csv.DictReader(lines))


def test_goods_are_learned_from_by_half_of_the_brands() -> None:
    artworks = [artwork(number) for number in range(goods.FEWEST)]
    learned, held_out = goods.halves(artworks, seed=0)
    assert len(learned) == len(held_out)
    assert {one.name for one in learned} | {one.name for one in held_out} == {one.name for one in artworks}
    with pytest.raises(ConfigurationError, match="too few to halve"):
        goods.halves(artworks[1:], seed=0)


def test_a_manifest_of_goods_can_be_trained_on(tmp_path: Path) -> None:
    list(goods.write_manifest([artwork(0), artwork(1)], photographs=1, seed=0, out=tmp_path))
    read = manifest.read(tmp_path / goods.MANIFEST)
    assert Counter(one.forged for one in read.entries) == {False: 12, True: 4}
    assert {(one.brand, one.split) for one in read.entries} == {
        (artwork(0).name, "validation"),
        (artwork(1).name, "train"),
    }
    assert read.image(0).ndim == 3


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(OutputExists, match="no finished set"):
        list(emblem_set.write(PLAN, [artwork(0)], tmp_path))
    with pytest.raises(ConfigurationError, match="tells no marks"):
        emblem_set.load(tmp_path)


def test_small_marks_in_the_wild_do_not_count(data: Path, tmp_path: Path) -> None:
    assert len(wild_set.load(data / "wild_logos")) == 4
    assert wild_set.load(tmp_path) == []


def test_ranking_counts_brands_and_leaves_out_what_is_barred() -> None:
    cosine = np.array([[0.9, 0.8, 0.7, 0.1], [0.2, 0.9, 0.1, 0.3]], np.float32)
    barred = np.array([[True, False, False, False], [False] * 4])
    found = ranked(cosine, ["a", "z"], ["a", "b", "a", "c"], barred)
    assert found.nearer.tolist() == [1, 3]
    assert found.nearest.tolist() == [1, 1]
    assert found.own.tolist() == [2, -1]
    assert found.precision[0] == pytest.approx(1 / 2)
    assert np.isnan(found.precision[1])


@pytest.fixture(scope="module")
def perfect(data: Path, drawn: Path) -> Row:
    emblems, wild = emblem_set.load(drawn), wild_set.load(data / "wild_logos")
    return measure(emblems, wild, [Oracle([*emblems, *wild])], lambda *_: None)[0]


def test_who_sees_brands_is_perfect(perfect: Row) -> None:
    assert perfect.emblems is not None
    assert perfect.wild is not None
    figures = perfect.emblems.figures
    assert {name: one.value for name, one in figures.items()} == {name: pytest.approx(1) for name in figures}
    assert perfect.wild.figures["recall_at_1"].value == 1
    assert [one.met for one in held(perfect, [perfect])] == [True] * 3  # no teacher to beat in the wild
    assert mistakes.worst(perfect.emblems, 5) == []
    nearest = mistakes.likeliest_strangers(perfect.emblems, 2)
    assert [one.own for one in nearest] == [None, None]
    assert mistakes.picture(nearest[0]).shape == (200, 400, 3)


def test_a_bundle_is_asked_for_by_name_and_size() -> None:
    assert Asked.read("runs/a") == Asked(Path("runs/a"), "runs/a")
    assert Asked.read("no forgeries=runs/a@128") == Asked(Path("runs/a"), "no forgeries", 128)
    with pytest.raises(ValueError, match="invalid literal"):
        Asked.read("runs/a@large")


def test_a_bundle_of_any_size_is_looked_through_at_another() -> None:
    images = list(np.random.default_rng(0).integers(0, 255, (2, 90, 70, 3)).astype(np.uint8))
    own = of_bundle(Asked(carried(), "mini"))
    assert own.embed(images) == pytest.approx(OnnxEmbedder(Bundle.open(carried())).embed(images), abs=1e-5)
    larger = of_bundle(Asked(carried(), "mini", 160))
    assert larger.name == "mini, 160 px"
    agreed = (larger.embed(images) * own.embed(images)).sum(1)
    assert (agreed > 0.3).all()
    assert (agreed < 0.9999).all()


def test_random_weights_are_no_trained_ones_but_the_same_each_time() -> None:
    images = list(np.random.default_rng(0).integers(0, 255, (2, 90, 70, 3)).astype(np.uint8))
    bundle = Bundle.open(carried())
    first, again = untrained(bundle), untrained(bundle)
    assert first.embed(images) == pytest.approx(again.embed(images))
    assert abs(first.embed(images) - OnnxEmbedder(bundle).embed(images)).max() > 0.01


def test_handmade_vectors_have_unit_length_and_know_direction() -> None:
    rng = np.random.default_rng(0)
    found = Handmade().embed(list(rng.integers(0, 255, (3, 50, 80, 3)).astype(np.uint8)))
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    bars = np.zeros((64, 64, 3), np.uint8)
    bars[:, ::8] = 255
    assert edges(bars) @ edges(np.ascontiguousarray(bars.transpose(1, 0, 2))) < 0.2 < edges(bars) @ edges(bars)


def test_the_command_writes_report_page_and_pictures(
    data: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = [str(out), "--data", str(data), "--set", str(drawn), "--without", "random"]
    assert command.main([*arguments, "--bundle", f"larger={carried()}@112"]) == 0
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert list(report["rows"]) == ["carried bundle, 128 px", "larger, 112 px", "HSV histogram + HOG"]
    assert len(report["absent"]) == 3
    assert list(report["bars"]) == ["carried bundle, 128 px", "larger, 112 px"]
    page = (out / "index.html").read_text("utf-8")
    assert all((out / "mistakes" / file.name).name in page for file in (out / "mistakes").iterdir())
    assert (out / "rows.png").is_file()
    assert "emblems, the mark's region given" in capsys.readouterr().out


def test_what_cannot_be_asked_is_named(data: Path, drawn: Path, tmp_path: Path) -> None:
    arguments = [str(tmp_path / "out"), "--data", str(data), "--set", str(drawn)]
    assert command.main([*arguments, "--bundle", str(tmp_path)]) != 0
    with pytest.raises(SystemExit):
        command.main([*arguments, "--bundle", "mini@large"])
