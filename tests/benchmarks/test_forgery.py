"""The benchmark as it is run: a small set drawn, measured, reported, and reused."""

import csv
import json
from pathlib import Path

import cv2
import pytest

from benchmarks.forgery.__main__ import main
from training.synthesis import brand

ROWS = {"ours", "embedder distance, whole photo", "PatchCore-style, our embedder, last map, aligned mark"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the artwork of four fictional brands for emblems."""
    root = tmp_path_factory.mktemp("data")
    (root / "emblems").mkdir()
    for seed in range(6_000_000, 6_000_004):
        artwork = brand.draw(seed, 256).artwork
        cv2.imwrite(str(root / "emblems" / f"brand{seed}.png"), cv2.cvtColor(artwork, cv2.COLOR_RGBA2BGRA))
    return root


@pytest.fixture(scope="module")
def out(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    drawn = ["--brands", "2", "--listings", "4", "--unrelated", "1", "--enrolled", "2", "--references", "1"]
    options = ["--data", str(data), "--without", "anomalib", "--without", "SIFT", "--alpha", "0.05"]
    assert main([str(folder), *drawn, *options]) == 0
    return folder


def test_the_report_has_every_row_and_says_what_is_absent(out: Path) -> None:
    report = json.loads((out / "report.json").read_text())
    assert set(report["rows"]) >= ROWS
    assert "ResNet-101 v2 stage 3 (ImageNet)" in report["absent"]
    ours = report["rows"]["ours"]
    assert (ours["forged"], ours["genuine"]) == (4, 4)
    assert 0 <= ours["auroc"]["value"] <= 1
    assert report["seconds"] > 0


def test_the_report_has_rates_faults_and_the_curve(out: Path) -> None:
    report = json.loads((out / "report.json").read_text())
    assert [point["references"] for point in report["references"]] == [1]
    assert {one["alpha"] for one in report["false_flags"]} >= {0.01, 0.05}
    planted = [fault["aligned"] for fault in report["faults"]]
    assert sum(one["listings"] for one in planted) <= 4
    assert all(one["by_chance"] is not None for one in planted if one["listings"])
    assert report["split"]["measured_and_learned"] == []


def test_every_rows_scores_are_kept_by_listing(out: Path) -> None:
    with (out / "scores.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 8
    assert set(rows[0]) > ROWS | {"path", "decision", "alteration"}
    assert all(float(row[name]) == float(row[name]) for row in rows for name in ROWS)


def test_the_page_shows_only_pictures_that_are_there(out: Path) -> None:
    page = (out / "index.html").read_text()
    for name in ("roc.png", "alterations.png", "p_values.png", "false_flags.png", "worst_genuine.jpg"):
        assert f'src="{name}"' in page
        assert (out / name).stat().st_size > 1000


def test_a_set_that_is_there_is_reused(out: Path, data: Path, tmp_path: Path) -> None:
    next((out / "set" / "masks").iterdir()).unlink()  # as if drawing had been interrupted
    before = {file: file.stat().st_mtime_ns for file in (out / "set").rglob("*.jpg")}
    options = ["--data", str(data), "--set", str(out / "set"), "--without", "PatchCore", "--without", "SIFT"]
    assert main([str(tmp_path / "again"), *options, "--references", "16"]) == 0
    assert {file: file.stat().st_mtime_ns for file in (out / "set").rglob("*.jpg")} == before
    assert not (tmp_path / "again" / "set").exists()
    assert len(list((out / "set" / "masks").iterdir())) == 4
    first, again = (json.loads((folder / "report.json").read_text()) for folder in (out, tmp_path / "again"))
    assert again["rows"]["ours"]["auroc"] == first["rows"]["ours"]["auroc"]
    assert again["absent"]["16 references"].startswith("the set holds fewer")


def test_one_brand_is_refused(out: Path, data: Path) -> None:
    assert main([str(out), "--data", str(data), "--brands", "1"]) == 2
