"""`touchstone calibrate`: end to end on two sample brands. No test depends on a particular score."""

import csv
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import pages
from cli.demo import samples
from cli.pages import strip
from index.store import ScoreSet, Store
from tests.cli.running import Touchstone


@pytest.fixture
def data(enrolled: Path, tmp_path: Path) -> Path:
    """A data folder that may be changed."""
    return Path(shutil.copytree(enrolled, tmp_path / "data"))


@pytest.fixture
def audit(references: Path, tmp_path: Path) -> Path:
    """Genuine sample listings of the brands as a table, one of them a page and one a reference."""
    brands = {folder.name.lower(): folder for folder in references.iterdir()}
    with (samples() / "listings.csv").open(newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["label"] == "genuine" and r["brand"] in brands]
    lines = ["path,brand", *(f"{samples() / row['path']},{row['brand']}" for row in rows)]
    page, (brand, folder) = tmp_path / "page.jpg", sorted(brands.items())[0]
    page.write_text("<!doctype html>")
    lines += [f"page.jpg,{brand}", f"{sorted(folder.iterdir())[0]},{brand}"]
    table = tmp_path / "audit.csv"
    table.write_text("\n".join(lines) + "\n")
    return table


def test_scores_are_kept_told_and_drawn(touchstone: Touchstone, data: Path, audit: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    outcome = touchstone("calibrate", "--data", data, "--listings", audit, "--simulate", "--out", out)
    assert outcome.exit_code == 3  # the page and the reference
    assert outcome.err.count("touchstone: ") == 2
    assert "too few" in outcome.out
    assert "no rate may be stated" in outcome.out
    assert {path.name for path in out.iterdir()} == {"report.json", "index.html"}
    assert (out / "index.html").read_text("utf-8").count("<svg") == 2
    report = json.loads((out / "report.json").read_text("utf-8"))
    for brand in report["brands"]:
        sources = {source["source"]: source for source in brand["sources"]}
        assert set(sources) == {"listings", "simulated", "pooled"}
        assert sources["simulated"]["units"] <= brand["references"] < sources["simulated"]["photographs"]
        for own in ("listings", "simulated"):
            assert sources[own]["thresholds"] == {"0.01": None, "0.05": None}
            assert sources[own]["used_at"] == []
    told = touchstone("calibrate", "--data", data, "--json")
    assert told.exit_code == 0
    without_refusals = [brand | {"refused": []} for brand in report["brands"]]
    assert told.json() == report | {"brands": without_refusals}

    again = touchstone("calibrate", "--data", data, "--out", out)
    assert again.exit_code == 2
    assert "output_exists" in again.err
    forgotten = touchstone("calibrate", "--data", data, "--forget", "--brand", report["brands"][0]["brand"])
    assert forgotten.out.startswith("2 sets")


def test_only_the_brand_asked_for_is_scored(touchstone: Touchstone, data: Path, audit: Path, references: Path) -> None:
    brand = sorted(folder.name for folder in references.iterdir())[1]
    outcome = touchstone("calibrate", "--data", data, "--listings", audit, "--brand", brand, "--json")
    assert outcome.exit_code == 0
    (told,) = outcome.json()["brands"]
    assert told["brand"] == brand.lower()
    assert {source["source"] for source in told["sources"]} == {"listings", "pooled"}
    others = touchstone("calibrate", "--data", data)
    assert "judged by pooled ones: 1" in others.out


def test_a_brand_of_enough_listings_is_judged_by_them(touchstone: Touchstone, data: Path, photo: Path) -> None:
    """Scores put in place of 59 listings: `inspect` says at which rate, and on what."""
    touchstone("calibrate", "--data", data, "--simulate")
    store = Store.open(data)
    (made, *_) = [each for each in store.scores() if each.brand == photo.parent.name.lower()]
    values = tuple(1000.0 + i for i in range(59))
    store.put_scores([ScoreSet(made.brand, "listings", made.scorer, made.made_from, 59, values, datetime.now(UTC))])
    (row,) = touchstone("inspect", photo, "--data", data, "--alpha", "0.05", "--json").json()
    assert (row["source"], row["n"], row["decision"], row["p_value"]) == ("listings", 59, "consistent", 1.0)
    assert row["bound"] <= 0.05
    (row,) = touchstone("inspect", photo, "--data", data, "--alpha", "0.01", "--json").json()
    assert row["source"] == "pooled"

    store.forget_scores()
    store.put_scores([ScoreSet(**vars(made) | {"source": "simulated", "scores": values})])
    (row,) = touchstone("inspect", photo, "--data", data, "--alpha", "0.05", "--json").json()
    assert (row["source"], row["n"], row["bound"], row["decision"]) == ("simulated", 59, None, "consistent")

    store.put_scores([ScoreSet(**vars(made) | {"scorer": "another"})])
    store.close()
    refused = touchstone("inspect", photo, "--data", data)
    assert refused.exit_code == 2
    assert "fingerprint_mismatch" in refused.err
    assert "not used" in touchstone("calibrate", "--data", data).out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--brand", "nobody"), 3, "brand_unknown"),
        (("--forget", "--brand", "nobody"), 3, "brand_unknown"),
        (("--listings", "absent.csv"), 3, "listings_invalid"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    touchstone: Touchstone, enrolled: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    outcome = touchstone("calibrate", "--data", enrolled, *arguments)
    assert outcome.exit_code == code
    assert told in outcome.err


@pytest.mark.parametrize(("brands", "heading"), [(0, "No brand has"), (1, "How acme stands"), (2, "How 2 brands")])
def test_the_page_is_headed_by_what_it_shows(tmp_path: Path, brands: int, heading: str) -> None:
    brand = {"brand": "acme", "references": 1, "sources": [], "refused": []}
    report = {"bundle": "b", "scorer": "s", "brands": [brand] * brands, "pooled_only": 3}
    page = pages.calibration(report, tmp_path).read_text("utf-8")
    assert f"<h1>{heading}" in page
    assert "3 further brands" in page


def test_a_strip_has_a_row_a_source_and_a_line_a_threshold() -> None:
    at = {"rank": 1, "above": 2.0, "bound": 0.05}
    source = {"source": "listings", "scores": [0.0, 1.0, 2.0], "thresholds": {"0.01": None, "0.05": at}}
    drawn = strip.scores([source, source | {"source": "pooled", "scores": []}])
    assert drawn.count('class="score"') == 3
    assert drawn.count('class="threshold"') == 1
    assert "pooled" not in drawn
    assert strip.scores([]) == ""
    assert strip.scores([source | {"scores": [1.0], "thresholds": {}}]).startswith("<svg")
