"""`touchstone evaluate`: the page and table it adds to what training/evaluate.py writes."""

import csv
import shutil
from pathlib import Path

import pytest

from cli.demo import samples
from tests.cli.running import Touchstone


@pytest.fixture
def listings(references: Path, tmp_path: Path) -> Path:
    """A table of a photo a label, one that is missing, and a column to slice by."""
    with (samples() / "listings.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    brands = {folder.name.lower() for folder in references.iterdir()}
    table = tmp_path / "set" / "listings.csv"
    (table.parent / "listings").mkdir(parents=True)
    lines = ["path,brand,label,alteration"]
    for label in ("genuine", "counterfeit", "unrelated"):
        for row in [row for row in rows if row["label"] == label and row["brand"] in brands | {""}][:1]:
            shutil.copy(samples() / row["path"], table.parent / row["path"])
            lines.append(f"{row['path']},{row['brand']},{label},{row['alteration']}")
    lines.append(f"listings/absent.jpg,{sorted(brands)[0]},genuine,")
    table.write_text("\n".join(lines) + "\n")
    return table


def test_the_fixed_files_a_table_and_a_page(
    touchstone: Touchstone, references: Path, listings: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    outcome = touchstone("evaluate", references, listings, "--out", out)
    assert outcome.exit_code == 0
    assert {path.name for path in out.iterdir()} == {"scores.csv", "report.json", "index.html", "evidence"}
    assert "AUROC" in outcome.out
    assert "1 listings could not be read" in outcome.err
    page = (out / "index.html").read_text("utf-8")
    assert "By alteration" in page
    assert "absent.jpg" in page
    assert page.count("<svg") == 2

    again = touchstone("evaluate", references, listings, "--out", out)
    assert again.exit_code == 2
    assert "output_exists" in again.err
    forced = touchstone("evaluate", references, listings, "--out", out, "--force", "--json", "--alpha", "0.05")
    assert forced.exit_code == 0
    assert forced.json()["alpha"] == 0.05


def test_a_brand_without_references_is_refused_before_work(
    touchstone: Touchstone, references: Path, listings: Path, tmp_path: Path
) -> None:
    listings.write_text("path,brand,label\nx.jpg,nobody,genuine\n")
    outcome = touchstone("evaluate", references, listings, "--out", tmp_path / "out")
    assert outcome.exit_code == 3
    assert "nobody" in outcome.err
    assert not (tmp_path / "out").exists()
