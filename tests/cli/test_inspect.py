"""`touchstone inspect`."""

from pathlib import Path

from tests.cli.running import Touchstone

FIELDS = {
    "path", "seconds", "error", "decision", "brand", "score", "p_value", "alpha", "n", "source", "bound", "reasons",
    "regions", "gallery_version", "embedder",
}  # fmt: skip


def test_a_genuine_photo_is_recognised(touchstone: Touchstone, enrolled: Path, photo: Path) -> None:
    outcome = touchstone("inspect", photo, "--data", enrolled, "--json")
    assert outcome.exit_code == 0
    (row,) = outcome.json()
    assert set(row) == FIELDS
    assert row["brand"] == photo.parent.name.lower()
    assert row["decision"] in ("consistent", "undecided", "divergent")
    assert row["regions"][0]["brand"] == row["brand"]


def test_a_bad_photo_is_a_row_and_the_rest_is_done(
    touchstone: Touchstone, enrolled: Path, photo: Path, page: Path
) -> None:
    absent = page.with_name("absent.jpg")
    outcome = touchstone("inspect", page, absent, photo, "--data", enrolled, "--json")
    assert outcome.exit_code == 3
    refused, missing, good = outcome.json()
    assert refused["error"]["code"] == "photo_not_image"
    assert missing["error"]["code"] == "photo_unreadable"
    assert good["error"] is None


def test_the_table_says_why_a_photo_was_refused(touchstone: Touchstone, enrolled: Path, page: Path) -> None:
    outcome = touchstone("inspect", page, "--data", enrolled)
    assert outcome.exit_code == 3
    assert "refused" in outcome.out
    assert "an HTML page" in outcome.out


def test_nothing_is_called_counterfeit(touchstone: Touchstone, enrolled: Path, photo: Path) -> None:
    outcome = touchstone("inspect", photo, "--data", enrolled)
    assert "counterfeit" not in outcome.out.lower()


def test_a_claimed_brand_is_known_by_any_case(touchstone: Touchstone, enrolled: Path, photo: Path) -> None:
    claimed = photo.parent.name.upper()
    assert touchstone("inspect", photo, "--brand", claimed, "--data", enrolled).exit_code == 0


def test_a_claimed_brand_that_is_not_enrolled_is_refused(touchstone: Touchstone, enrolled: Path, photo: Path) -> None:
    outcome = touchstone("inspect", photo, "--brand", "nobody", "--data", enrolled)
    assert outcome.exit_code == 3
    assert "brand_unknown" in outcome.err


def test_an_empty_data_folder_is_a_configuration_error(touchstone: Touchstone, photo: Path, tmp_path: Path) -> None:
    outcome = touchstone("inspect", photo, "--data", tmp_path)
    assert outcome.exit_code == 2
    assert "touchstone enroll" in outcome.err


def test_a_bundle_that_is_none_is_a_configuration_error(
    touchstone: Touchstone, enrolled: Path, photo: Path, tmp_path: Path
) -> None:
    outcome = touchstone("inspect", photo, "--data", enrolled, "--bundle", tmp_path)
    assert outcome.exit_code == 2
    assert "bundle_invalid" in outcome.err


def test_evidence_pictures_are_written(touchstone: Touchstone, enrolled: Path, photo: Path, tmp_path: Path) -> None:
    touchstone("inspect", photo, "--data", enrolled, "--evidence", tmp_path / "evidence")
    page, picture = sorted((tmp_path / "evidence").iterdir())
    assert page.name == f"001-{photo.stem}.html"
    assert photo.name in page.read_text("utf-8")
    assert picture.name == f"001-{photo.stem}.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_batch_is_decided_together(touchstone: Touchstone, enrolled: Path, references: Path, tmp_path: Path) -> None:
    photos = [sorted(folder.iterdir())[0] for folder in sorted(references.iterdir())]
    outcome = touchstone("inspect", *photos, "--data", enrolled, "--fdr", "0.1", "--evidence", tmp_path, "--json")
    assert outcome.exit_code == 0
    for row in outcome.json():
        assert set(row) == FIELDS - {"alpha"} | {"fdr"}
        assert (row["fdr"], row["bound"]) == (0.1, None)
        assert row["decision"] in ("consistent", "divergent")
    assert len(list(tmp_path.glob("*.png"))) == len(list(tmp_path.glob("*.html"))) == len(photos)
    assert "not independent" not in outcome.err
    assert "not independent" in touchstone("inspect", photos[0], photos[0], "--data", enrolled, "--fdr", "0.1").err
