"""A running service takes up brands' own scores by itself, and does not start on another scorer's."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.gallery import Gallery
from index.store import ScoreSet, Store
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.fakes import LayoutEmbedder
from tests.serve.running import parts, served, settings_of, wait_until_searchable
from vision.errors import FingerprintMismatch


def test_own_scores_are_taken_up_without_a_restart(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with served(settings) as server, server.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 1))
        photo = pictures.photo(1, 9)
        assert admin.post("/v1/inspections", files=parts("photos", [photo])).json()["source"] == "pooled"
        store = Store.open(tmp_path)
        made_from = Gallery.load(tmp_path / "gallery", LayoutEmbedder.fingerprint).made_from("acme")
        values = tuple(0.001 * i for i in range(299))
        scores = ScoreSet("acme", "listings", "hand-made-scorer", made_from, 299, values, datetime.now(UTC))
        wait_until_searchable(admin, store.put_scores([scores]).version)
        answer = admin.post("/v1/inspections", files=parts("photos", [photo])).json()
        assert (answer["source"], answer["n"]) == ("listings", 299)
        assert answer["bound"] <= answer["alpha"] == 0.01
        store.put_scores([replace(scores, scorer="another")])
        store.close()
    with pytest.raises(FingerprintMismatch, match="acme"), served(settings):
        raise AssertionError("it started")
