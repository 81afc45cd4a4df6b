"""The plain baseline, on a drawn mark photographed from two sides."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.forgery import plain_sift

SIDE_PX = 400
Method = Callable[[Sequence[plain_sift.Residual]], float]


def mark(altered: bool) -> NDArray[np.uint8]:
    canvas = np.full((SIDE_PX, SIDE_PX, 3), 235, np.uint8)
    rng = np.random.default_rng(5)
    for x, y, size in rng.integers(60, 340, (40, 3)):
        cv2.rectangle(canvas, (int(x), int(y)), (int(x + size // 8), int(y + size // 12)), (40, 60, 120), 2)
    cv2.putText(canvas, "MERIDAN", (45, 215), cv2.FONT_HERSHEY_DUPLEX, 2.0, (20, 20, 20), 5)
    if altered:
        cv2.circle(canvas, (200, 200), 70, (30, 30, 160), -1)
    return canvas


def seen(picture: NDArray[np.uint8], tilt_px: float, seed: int) -> NDArray[np.uint8]:
    """The picture from aside, darker, with noise."""
    corners = np.array([[0, 0], [SIDE_PX, 0], [SIDE_PX, SIDE_PX], [0, SIDE_PX]], np.float32)
    moved = corners + np.array([[tilt_px, tilt_px], [0, 0], [0, 0], [0, -tilt_px]], np.float32)
    homography = cv2.getPerspectiveTransform(corners, moved)
    view = cv2.warpPerspective(picture, homography, (SIDE_PX, SIDE_PX), borderValue=(200, 200, 200))
    noise = np.random.default_rng(seed).normal(0, 4, view.shape)
    return np.asarray(np.clip(0.85 * view + noise, 0, 255), np.uint8)


@pytest.mark.parametrize("method", plain_sift.METHODS.values(), ids=plain_sift.METHODS)
def test_a_genuine_listing_scores_below_a_strongly_altered_one(method: Method) -> None:
    references = [plain_sift.features(seen(mark(altered=False), 0, 1))]
    genuine = plain_sift.residuals(plain_sift.features(seen(mark(altered=False), 30, 2)), references)
    altered = plain_sift.residuals(plain_sift.features(seen(mark(altered=True), 30, 3)), references)
    assert method(genuine) < method(altered) < plain_sift.NOTHING_ALIGNS


@pytest.mark.parametrize("method", plain_sift.METHODS.values(), ids=plain_sift.METHODS)
def test_a_listing_that_aligns_with_nothing_has_the_constant_high_score(method: Method) -> None:
    blank = plain_sift.features(np.full((SIDE_PX, SIDE_PX, 3), 128, np.uint8))
    reference = plain_sift.features(mark(altered=False))
    assert method(plain_sift.residuals(blank, [reference])) == plain_sift.NOTHING_ALIGNS
    assert method(plain_sift.residuals(reference, [])) == plain_sift.NOTHING_ALIGNS


def test_the_command_prints_a_table_and_writes_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "references" / "meridan").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "references" / "meridan" / "1.png"), seen(mark(altered=False), 0, 1))
    cv2.imwrite(str(tmp_path / "genuine.png"), seen(mark(altered=False), 30, 2))
    cv2.imwrite(str(tmp_path / "forged.png"), seen(mark(altered=True), 30, 3))
    with (tmp_path / "listings.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ["path", "brand", "label", "alteration", "severity", "condition"],
                ["genuine.png", "meridan", "genuine", "", "", "mild"],
                ["forged.png", "meridan", "counterfeit", "part_added", "3", "mild"],
            ]
        )
    out = tmp_path / "figures.json"
    plain_sift.main([str(tmp_path / "references"), str(tmp_path / "listings.csv"), "--out", str(out)])
    for figures in json.loads(out.read_text()):
        assert figures["overall"]["auroc"] == 1.0
        assert figures["slices"]["alteration"]["part_added"]["forged"] == 1
    assert "overall" in capsys.readouterr().out
