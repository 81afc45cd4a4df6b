"""`evaluate` end to end on a few carried samples: the fixed files, their columns and their edge cases."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from cli.demo import samples
from training.evaluate import Evaluation, run
from vision.errors import ListingsInvalid, OutputExists
from vision.verdict import Decision

BRANDS = 3
COLUMNS = ["path", "label", "brand", "predicted_brand", "decision", "score", "p_value", "seconds", "error"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sample brands, one in capitals, their listings, and two files that are no photos."""
    root = tmp_path_factory.mktemp("evaluate")
    chosen = sorted(path for path in (samples() / "references").iterdir())[:BRANDS]
    for folder in chosen:
        shutil.copytree(folder, root / "references" / folder.name.upper())
    names = {folder.name.lower() for folder in chosen}
    with (samples() / "listings.csv").open(newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["brand"] in names or r["label"] == "unrelated"]
    kept = [r for r in rows if r["brand"]][:8] + [r for r in rows if not r["brand"]][:2]
    (root / "text.jpg").write_text("no photo")
    lines = [f"{samples() / r['path']},{r['brand']},{r['label']},{r['alteration']}" for r in kept]
    lines += [f"text.jpg,{chosen[0].name},genuine,", f"absent.jpg,{chosen[0].name},counterfeit,hue"]
    (root / "listings.csv").write_text("\n".join(["path,brand,label,alteration", *lines]) + "\n")
    return root


@pytest.fixture(scope="module")
def evaluation(small: Path) -> Evaluation:
    return run(small / "references", small / "listings.csv", small / "out")


def rows_of(small: Path) -> list[dict[str, str]]:
    with (small / "out" / "scores.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_scores_have_the_fixed_columns_and_one_row_a_listing(small: Path, evaluation: Evaluation) -> None:
    rows = rows_of(small)
    assert list(rows[0])[: len(COLUMNS)] == COLUMNS
    assert len(rows) == len(evaluation.outcomes) == 12
    assert {row["decision"] for row in rows} <= {d.value for d in Decision}


def test_every_readable_listing_of_a_brand_has_a_finite_score(small: Path, evaluation: Evaluation) -> None:
    for row in rows_of(small):
        if row["brand"] and not row["error"]:
            assert abs(float(row["score"])) < 1e6
            assert float(row["seconds"]) > 0
        if row["p_value"]:
            assert 0 < float(row["p_value"]) <= 1
        assert bool(row["predicted_brand"]) != (row["decision"] == "unrecognised") or row["error"]


def test_unreadable_and_missing_files_are_undecided_rows_with_their_error(small: Path, evaluation: Evaluation) -> None:
    broken = [row for row in rows_of(small) if row["path"] in ("text.jpg", "absent.jpg")]
    assert [row["decision"] for row in broken] == ["undecided", "undecided"]
    assert all(row["error"] and row["score"] == row["p_value"] == "" for row in broken)
    assert evaluation.report["errors"] == 2


def test_the_report_has_the_fixed_figures(small: Path, evaluation: Evaluation) -> None:
    report = json.loads((small / "out" / "report.json").read_text())
    for key in (
        "auroc", "tpr_at_fpr", "brand_recall_at_1", "false_recognition_rate", "false_flag_rate", "alpha",
        "undecided_rate", "photos_per_second", "enrol_seconds", "slices", "counts", "errors",
    ):  # fmt: skip
        assert key in report
    assert set(report["tpr_at_fpr"]) == {"0.01", "0.05"}
    assert sum(report["counts"].values()) == 10
    assert report["alpha"] == 0.01
    assert "hue" in report["slices"]["alteration"] or report["slices"]["alteration"]


def test_the_report_tells_plain_retrieval_of_the_embedder_alone(evaluation: Evaluation) -> None:
    told = evaluation.report["retrieval"]
    assert list(told) == ["recall_at_1", "recall_at_5", "mean_average_precision", "open_set_auroc"]
    assert 0 <= told["recall_at_1"] <= told["recall_at_5"] == 1  # of three brands all are among five
    assert 0 < told["mean_average_precision"] <= 1
    assert 0 <= told["open_set_auroc"] <= 1


def test_evidence_pictures_are_written(small: Path, evaluation: Evaluation) -> None:
    pictures = list((small / "out" / "evidence").glob("*.png"))
    assert pictures
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pictures)


def test_results_are_not_written_over_unless_forced(small: Path, evaluation: Evaluation) -> None:
    with pytest.raises(OutputExists, match="--force"):
        run(small / "references", small / "listings.csv", small / "out")


def test_a_brand_without_references_is_refused_before_work(small: Path, tmp_path: Path) -> None:
    (tmp_path / "listings.csv").write_text("path,brand,label\na.jpg,nobody,genuine\n")
    with pytest.raises(ListingsInvalid, match="nobody"):
        run(small / "references", tmp_path / "listings.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()
