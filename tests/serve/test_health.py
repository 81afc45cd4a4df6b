import threading
from pathlib import Path

import httpx
import pytest

from serve.app import Model
from tests.serve import pictures
from tests.serve.fakes import CountingEmbedder, FaultyEmbedder, inspector
from tests.serve.running import (
    PIPELINE_KEY,
    Server,
    code_of,
    parts,
    served,
    settings_of,
    taken,
    wait_for,
    wait_until_searchable,
)


@pytest.fixture
def embedder() -> FaultyEmbedder:
    return FaultyEmbedder()


def test_alive_and_ready(server: Server) -> None:
    with server.client(None) as anyone:
        assert anyone.get("/health").json() == {"status": "alive"}
        ready = anyone.get("/ready").json()
    assert ready["status"] == "ready"
    assert ready["brands"] == 2
    assert ready["gallery_store_version"] == ready["store_version"]
    assert ready["put_to_searchable_s"] > 0
    assert ready["canary_age_s"] <= 5.5
    assert ready["embedder"] == "layout-embedder1"


def test_an_embedder_that_fails_is_alive_and_not_ready(
    tmp_path: Path, embedder: FaultyEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path, canary_max_age_s=0.0)
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        wait_until_searchable(admin, 0)
        embedder.broken = True
        assert admin.get("/health").status_code == 200
        answer = admin.get("/ready")
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert code_of(answer) == "not_ready"
        assert "secret" not in answer.text
        assert "secret of the runtime" in caplog.text
        embedder.broken = False
        assert admin.get("/ready").status_code == 200


def test_an_embedder_that_hangs_is_alive_and_not_ready(tmp_path: Path, embedder: FaultyEmbedder) -> None:
    settings = settings_of(tmp_path, canary_max_age_s=0.0, canary_timeout_s=0.2)
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        wait_until_searchable(admin, 0)
        embedder.open.clear()
        assert code_of(admin.get("/ready")) == "not_ready"
        assert admin.get("/health").status_code == 200
        embedder.open.set()
        wait_for(lambda: admin.get("/ready").status_code == 200)


def test_a_listings_photo_proves_as_much_as_the_canary(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    settings = settings_of(tmp_path, canary_max_age_s=60.0)
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        enrol_one(admin)
        admin.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9)]))
        embedder.batches.clear()
        assert admin.get("/ready").json()["canary_age_s"] < 60
        assert embedder.batches == []


def test_a_gallery_that_stays_behind_is_not_ready(tmp_path: Path, embedder: FaultyEmbedder) -> None:
    settings = settings_of(tmp_path, fresh_within_s=0.3)
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        wait_until_searchable(admin, 0)
        admin.put("/v1/brands/acme")
        embedder.broken = True
        upload = parts("files", [pictures.photo(1)])
        version = admin.post("/v1/brands/acme/references", files=upload).json()["version"]
        wait_for(lambda: admin.get("/ready").status_code == 503)
        assert "searchable" in admin.get("/ready").json()["detail"]
        embedder.broken = False
        wait_until_searchable(admin, version)  # tried again by itself


def test_work_beyond_the_queue_is_refused_before_it_starts(tmp_path: Path, embedder: FaultyEmbedder) -> None:
    settings = settings_of(tmp_path, queue_length=2)
    photo = parts("photos", [pictures.photo(1)])
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        enrol_one(admin)
        embedder.open.clear()
        statuses: list[int] = []
        askers = [threading.Thread(target=ask, args=(server, statuses)) for _ in range(2)]
        for asker in askers:
            asker.start()
        wait_for(lambda: taken(admin, "inspections") == 2)
        answer = admin.post("/v1/inspections", files=photo)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert code_of(answer) == "overloaded"
        embedder.open.set()
        for asker in askers:
            asker.join()
        assert statuses == [200, 200]


def test_a_fault_of_ours_tells_nothing_but_its_id(
    tmp_path: Path, embedder: FaultyEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path)
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        enrol_one(admin)
        embedder.broken = True
        answer = admin.post("/v1/inspections", files=parts("photos", [pictures.photo(1)]))
    assert answer.status_code == 500
    assert code_of(answer) == "internal"
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "secret of the runtime" in caplog.text


def test_metrics_count_what_happened(server: Server, pipeline: httpx.Client) -> None:
    pipeline.post("/v1/inspections", files=parts("photos", [pictures.photo(1, 9), b"no photo"]))
    pipeline.get("/nowhere/at/all")
    with server.client(None) as anyone:
        page = anyone.get("/metrics").text
    assert 'touchstone_requests_total{method="POST",route="/v1/inspections",status="200"}' in page
    assert 'route="unmatched"' in page
    assert "nowhere" not in page
    assert 'touchstone_decisions_total{decision="consistent"}' in page
    assert 'touchstone_photos_refused_total{code="photo_not_image"}' in page
    for stage in ("decode", "inspect", "evidence", "record"):
        assert f'touchstone_inspection_seconds_count{{stage="{stage}"}}' in page
    assert "touchstone_put_to_searchable_seconds_count" in page
    assert "touchstone_gallery_lag_seconds 0.0" in page


def enrol_one(admin: httpx.Client) -> None:
    """A brand with one reference, searchable."""
    admin.put("/v1/brands/acme")
    upload = parts("files", [pictures.photo(1)])
    wait_until_searchable(admin, admin.post("/v1/brands/acme/references", files=upload).json()["version"])


def ask(server: Server, statuses: list[int]) -> None:
    """Inspect a photo and note how it went."""
    with server.client(PIPELINE_KEY) as client:
        photo = parts("photos", [pictures.photo(1, 9)])
        statuses.append(client.post("/v1/inspections", files=photo).status_code)
