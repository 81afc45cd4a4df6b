import subprocess
import sys
from pathlib import Path

import pytest

from index.gallery import Gallery
from serve.app import Model, open_bundle
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.fakes import LayoutEmbedder
from tests.serve.running import parts, served, settings_of, wait_until_searchable
from vision.bundle import carried
from vision.embedder import Embedder
from vision.errors import BundleInvalid
from vision.inspection import Inspector
from vision.verdict import Decision


def test_nothing_is_made_at_import(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", "import serve.app"], cwd=tmp_path, check=True, env=environment())
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_cannot_inspect_stops_the_start(tmp_path: Path) -> None:
    def inspector(embedder: Embedder, gallery: Gallery) -> Inspector:
        raise BundleInvalid("the bundle holds an embedder only")

    with (
        pytest.raises(BundleInvalid),
        served(settings_of(tmp_path), lambda settings: Model(LayoutEmbedder(), inspector)),
    ):
        raise AssertionError("it started")


@pytest.mark.skipif(not (carried() / "spec.json").exists(), reason="the carried bundle is absent")
def test_the_carried_bundle_serves(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, inference_threads=2)
    with served(settings, open_bundle) as server, server.client() as admin:
        ready = wait_until_searchable(admin, enrol(admin, "acme", 1))
        answer = admin.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9)]))
    assert answer.status_code == 200, answer.text
    assert answer.json()["embedder"] == ready["embedder"]
    assert answer.json()["decision"] in list(Decision)


def environment() -> dict[str, str]:
    """With the repository importable from any folder."""
    return {"PYTHONPATH": str(Path(__file__).parents[2])}
