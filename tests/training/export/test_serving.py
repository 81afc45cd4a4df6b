"""The service answers by an exported bundle, in the precision it is told."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

from serve.app import open_bundle
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import parts, served, settings_of, wait_until_searchable
from training.assemble import put
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder
from vision.errors import BundleInvalid
from vision.inspection import comparator_of, models_of
from vision.scorer import Scorer


@pytest.fixture(scope="module")
def judging(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported bundle with the carried parts that judge, as if they had been fitted to its int8 towers."""
    path = Path(shutil.copytree(bundle, tmp_path_factory.mktemp("judging") / "bundle"))
    lent = Bundle.open(carried())
    whole = Bundle.open(path)
    for name in ("comparator", "scorer"):
        part = lent.part(name)
        assert part is not None
        whole = put(whole, name, part.read_bytes())
    models = models_of(OnnxEmbedder(Bundle.open(path, "int8")).fingerprint, comparator_of(whole))
    scorer, calibration = whole.part("scorer"), lent.part("calibration")
    assert scorer is not None
    assert calibration is not None
    content = json.loads(calibration.read_text()) | {"scorer": Scorer.load(scorer, models).fingerprint}
    return put(whole, "calibration", json.dumps(content).encode()).path


def test_the_service_answers_in_the_precision_that_is_set(judging: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, bundle=judging, precision="int8")
    with served(settings, open_bundle) as server, server.client() as client:
        wait_until_searchable(client, enrol(client, "acme", 1))
        assert client.get("/ready").status_code == 200
        answer = client.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9)])).json()
    assert answer["embedder"] == OnnxEmbedder(Bundle.open(judging, "int8")).fingerprint


def test_what_was_calibrated_for_another_precision_does_not_judge(judging: Path, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, bundle=judging, precision="fp32")
    with pytest.raises(BundleInvalid, match="was made by scorer"), served(settings, open_bundle):
        pass
