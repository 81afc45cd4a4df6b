"""`touchstone demo`: the samples it carries, and the page it writes."""

import csv
import re
from pathlib import Path

import pytest

from cli import demo
from tests.cli.running import Touchstone
from vision.photo import decode

MAX_SAMPLES_BYTES = 4 * 2**20


def rows() -> list[dict[str, str]]:
    with (demo.samples() / "listings.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_dozen_brands_and_all_kinds_of_listings_are_carried() -> None:
    assert len(list((demo.samples() / "references").iterdir())) == 12
    labels = [row["label"] for row in rows()]
    assert all(labels.count(label) >= 5 for label in ("genuine", "counterfeit", "unrelated"))
    assert {row["severity"] for row in rows() if row["label"] == "counterfeit"} == {"1", "2", "3"}


def test_the_samples_are_small_and_readable() -> None:
    photos = list(demo.samples().rglob("*.jpg"))
    assert sum(photo.stat().st_size for photo in photos) < MAX_SAMPLES_BYTES
    assert all((demo.samples() / row["path"]).is_file() for row in rows())
    assert max(decode(photos[0].read_bytes()).pixels.shape) <= 480


@pytest.fixture
def few(references: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Samples of a few brands and one listing a label, in place of all."""
    root = tmp_path / "samples"
    root.mkdir()
    (root / "references").symlink_to(references)
    (root / "listings").symlink_to(demo.samples() / "listings")
    chosen = [row for label in ("genuine", "counterfeit", "unrelated") for row in _of(label)[:1]]
    with (root / "listings.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, list(chosen[0]))
        table.writeheader()
        table.writerows(chosen)
    monkeypatch.setattr(demo, "samples", lambda: root)
    return root


def _of(label: str) -> list[dict[str, str]]:
    return [row for row in rows() if row["label"] == label]


def test_the_demo_prints_a_table_and_writes_a_page(touchstone: Touchstone, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    outcome = touchstone("demo", "--out", out)
    assert outcome.exit_code == 0
    assert "touchstone serve" in outcome.out
    assert "curl" in outcome.out
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<tr><td>") == 3
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)  # nothing is fetched
    for text in (outcome.out, page):
        assert "counterfeit" not in text.lower()

    assert touchstone("demo", "--out", out).exit_code == 2


@pytest.mark.slow
def test_the_whole_demo_tells_altered_from_genuine(touchstone: Touchstone, tmp_path: Path) -> None:
    outcome = touchstone("demo", "--out", tmp_path / "report")
    counts = re.search(
        r"Of (\d+) altered designs (\d+) .* of (\d+) genuine ones (\d+) ", outcome.out.replace("\n", " ")
    )
    assert counts
    altered, found, genuine, false = map(int, counts.groups())
    assert found / altered > 2 * false / genuine
