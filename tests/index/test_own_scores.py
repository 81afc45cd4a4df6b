"""Brands' own scores: kept, refused by another scorer, left aside when references have changed, put to use."""

import logging
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.gallery import Gallery
from index.own_scores import calibrated, calibrated_by
from index.store import Place, ScoreSet, Store
from tests.index.conftest import House
from tests.index.pictures import additions
from tests.vision.fakes import plain_scorer
from vision.calibration import Calibration, GenuineScores
from vision.errors import BrandUnknown, ConfigurationError, FingerprintMismatch
from vision.inspection import Inspector

ROOT = Path(__file__).parents[2]


def inspector_of(house: House, gallery: Gallery) -> Inspector:
    pooled = Calibration({1: GenuineScores.of("pooled", [0.0] * 299)})
    return Inspector(house.embedder, gallery, plain_scorer(), pooled)


def scores_of(gallery: Gallery, source: str = "listings", scorer: str = "plain", n: int = 299) -> ScoreSet:
    values = tuple(float(i) for i in range(n))
    return ScoreSet("acme", source, scorer, gallery.made_from("acme"), n, values, datetime.now(UTC))


def source_for(inspector: Inspector, alpha: float = 0.01) -> str:
    return inspector.calibration.scores_for("acme", 2, alpha).source


def test_scores_come_back_as_kept_and_the_same_source_replaces(house: House) -> None:
    gallery = house.load()
    listings, simulated = scores_of(gallery), scores_of(gallery, "simulated", n=2)
    before = house.store.version()
    assert house.store.put_scores([scores_of(gallery, n=5), simulated]).version > before
    house.store.put_scores([listings])
    assert house.store.scores() == (listings, simulated)
    again = Store.open(house.folder)
    assert again.scores() == (listings, simulated)
    again.close()


def test_scores_of_no_enrolled_brand_are_refused_whole(house: House) -> None:
    made = scores_of(house.load())
    with pytest.raises(BrandUnknown):
        house.store.put_scores([made, ScoreSet(**vars(made) | {"brand": "nobody"})])
    assert house.store.scores() == ()


def test_forgetting_is_by_brand_or_whole(house: House) -> None:
    gallery = house.load()
    house.store.put_scores([scores_of(gallery), scores_of(gallery, "simulated")])
    assert house.store.forget_scores("zenith").count == 0
    assert house.store.forget_scores("acme").count == 2
    assert house.store.scores() == ()
    with pytest.raises(BrandUnknown):
        house.store.forget_scores("nobody")


def test_without_own_scores_the_inspector_stays_as_it_is(house: House) -> None:
    gallery = house.load()
    inspector = inspector_of(house, gallery)
    assert calibrated(inspector, house.store, gallery) is inspector


def test_enough_own_scores_are_used_and_too_few_are_not(house: House) -> None:
    gallery = house.load()
    house.store.put_scores([scores_of(gallery, n=299)])
    assert source_for(calibrated(inspector_of(house, gallery), house.store, gallery)) == "listings"
    house.store.put_scores([scores_of(gallery, n=298)])
    inspector = calibrated(inspector_of(house, gallery), house.store, gallery)
    assert source_for(inspector, 0.01) == "pooled"
    assert source_for(inspector, 0.05) == "listings"


def test_another_scorers_scores_are_refused_by_name(house: House) -> None:
    gallery = house.load()
    house.store.put_scores([scores_of(gallery, scorer="older")])
    with pytest.raises(FingerprintMismatch, match=r"acme .*older.*plain.*touchstone calibrate"):
        calibrated(inspector_of(house, gallery), house.store, gallery)


def test_scores_of_other_references_are_left_aside(house: House, caplog: pytest.LogCaptureFixture) -> None:
    gallery = house.load()
    house.store.put_scores([scores_of(gallery)])
    house.store.put_references("acme", additions(1, 1, first=5))
    changed = house.open_or_build()
    with caplog.at_level(logging.WARNING):
        assert source_for(calibrated(inspector_of(house, changed), house.store, changed)) == "pooled"
    assert "calibrate" in caplog.text


def test_a_gallery_is_followed_to_new_scores(house: House) -> None:
    """A service publishes anew when the store's version grows, so a running one takes up scores by itself."""
    house.store.put_scores([scores_of(house.load())])
    assert house.open_or_build().store_version == house.store.version()


def test_another_data_folder_lends_the_scores_of_the_very_same_references(house: House, tmp_path: Path) -> None:
    gallery = house.load()
    house.store.put_scores([scores_of(gallery)])
    inspector = inspector_of(house, gallery)
    assert source_for(calibrated_by(inspector, Place(house.folder), gallery)) == "listings"
    with pytest.raises(ConfigurationError, match="no data folder"):
        calibrated_by(inspector, Place(tmp_path / "absent"), gallery)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from index.store import Place, ScoreSet, Store
store = Store.open(Path(sys.argv[1]))
store.put_scores([ScoreSet("acme", "listings", "plain", "made", 2, (0.1, 1e-17), datetime.now(UTC))])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_acknowledged_scores_survive_a_kill(house: House) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(house.folder)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    (kept,) = house.store.scores()
    assert (kept.brand, kept.scores) == ("acme", (0.1, 1e-17))
