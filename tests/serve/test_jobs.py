"""Uploads as jobs: durable before they are looked at, every file told of, done once whatever is killed."""

import io
import json
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.serve import pictures
from tests.serve.running import Server, code_of, parts, served, settings_of, spawned, wait_for, wait_until_searchable

PATH = "/v1/brands/acme/references"


def zipped(files: Sequence[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def send(
    admin: httpx.Client, files: Sequence[tuple[str, bytes]], key: str | None = None, **query: str
) -> httpx.Response:
    headers = {"Content-Type": "application/zip"} | ({"Idempotency-Key": key} if key else {})
    return admin.post(PATH, content=zipped(files), headers=headers, params=query)


def done(admin: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """What became of the job."""
    assert answer.status_code == 202, answer.text
    said: dict[str, Any] = {}

    def over() -> bool:
        said.update(admin.get(answer.json()["job"]).json())
        return said["state"] in ("done", "failed")

    wait_for(over)
    return said


def outcome(job: dict[str, Any]) -> list[tuple[str, str, list[str], str | None]]:
    return [(f["name"], f["status"], f["notes"], f["error"] and f["error"]["code"]) for f in job["files"]]


def test_every_file_of_a_zip_is_told_of_and_the_good_are_kept(fresh: Server) -> None:
    copy = pictures.encode(pictures.emblem(1).resize((300, 300)), "JPEG")
    files = [
        ("a.jpg", pictures.encode(pictures.emblem(1), "JPEG")),
        ("copy.jpg", copy),
        ("again.jpg", copy),
        ("plain.png", pictures.plain(200, 200)),
        ("small.jpg", pictures.encode(pictures.emblem(2).resize((100, 100)), "JPEG")),
        ("no.jpg", b"no photo"),
        ("metadata.csv", b"file,sku\na.jpg,S-1\n"),
    ]
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        job = done(admin, send(admin, files))
        assert (job["state"], job["total"]) == ("done", 6)
        assert job["counts"] == {"accepted": 3, "near_duplicate": 1, "duplicate": 1, "refused": 1}
        told = outcome(job)
        assert [(name, status, error) for name, status, _, error in told] == [
            ("a.jpg", "accepted", None),
            ("copy.jpg", "near_duplicate", None),
            ("again.jpg", "duplicate", None),
            ("plain.png", "accepted", None),
            ("small.jpg", "accepted", None),
            ("no.jpg", "refused", "photo_not_image"),
        ]
        assert "no_mark" in told[3][2]
        assert "small" in told[4][2]
        kept = admin.get(PATH).json()["references"]
        assert [each["metadata"]["sku"] for each in kept] == ["S-1", None, None, None]
        assert len(admin.get("/v1/brands/acme/versions").json()["versions"]) == 1
        assert wait_until_searchable(admin, job["version"])["gallery_store_version"] >= job["version"]


def test_another_brands_mark_is_refused_unless_it_is_meant(fresh: Server) -> None:
    with fresh.client() as admin:
        for brand, seed in (("zenith", 2), ("acme", 1)):
            admin.put(f"/v1/brands/{brand}")
            photos = [pictures.photo(seed, view) for view in range(4)]
            version = admin.post(f"/v1/brands/{brand}/references", files=parts("files", photos)).json()["version"]
        wait_until_searchable(admin, version)
        theirs = [("theirs.jpg", pictures.photo(2, 4)), ("ours.jpg", pictures.photo(1, 4))]
        refused, kept = outcome(done(admin, send(admin, theirs)))
        assert (refused[1], refused[3], kept[1]) == ("refused", "reference_other_brand", "near_duplicate")
        waived = done(admin, send(admin, theirs[:1], accept="other_brand"))
        assert outcome(waived)[0][2] == ["other_brand"]
        assert code_of(send(admin, theirs, accept="everything")) == "form_invalid"


def test_a_form_becomes_a_job_where_its_sender_will_not_wait(fresh: Server) -> None:
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        sent = parts("files", [pictures.photo(1), b"x"])
        answer = admin.post(PATH, files=sent, data={"sku": "S"}, headers={"Prefer": "respond-async"})
        assert done(admin, answer)["counts"] == {"accepted": 1, "refused": 1}
        assert code_of(admin.get("/v1/brands/acme/jobs/none")) == "job_unknown"
        admin.put("/v1/brands/zenith")
        assert code_of(admin.get(answer.json()["job"].replace("acme", "zenith"))) == "job_unknown"


def test_the_same_upload_with_its_key_is_the_same_job(fresh: Server) -> None:
    with fresh.client() as admin:
        admin.put("/v1/brands/acme")
        files = [("a.jpg", pictures.photo(1))]
        first = send(admin, files, "k")
        assert send(admin, files, "k").content == first.content
        done(admin, first)
        assert send(admin, files, "k").content == first.content
        assert code_of(send(admin, [("a.jpg", pictures.photo(2))], "k")) == "idempotency_key_reused"


def test_a_server_that_is_killed_in_the_middle_of_a_job_goes_on_with_it(tmp_path: Path) -> None:
    files = [(f"{seed}.jpg", pictures.photo(seed)) for seed in range(30)]
    with spawned(tmp_path, tmp_path / "log") as (server, kill), server.client() as admin:
        admin.put("/v1/brands/acme")
        answer = send(admin, files)
        assert answer.status_code == 202
        time.sleep(0.3)
        kill()
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        job = done(admin, answer)
        assert (job["state"], sum(job["counts"].values())) == ("done", 30)
        assert len(admin.get(PATH).json()["references"]) == job["counts"]["accepted"] + job["counts"].get(
            "near_duplicate", 0
        )


def test_what_is_refused_of_a_job_leaves_no_photo_behind(tmp_path: Path) -> None:
    with served(settings_of(tmp_path)) as server, server.client() as admin:
        admin.put("/v1/brands/acme")
        done(admin, send(admin, [("a.jpg", pictures.photo(1)), ("b.jpg", b"no photo")]))
        assert len(list((tmp_path / "blobs").glob("??/*"))) == 1
        admin.delete(PATH)
        assert list((tmp_path / "blobs").glob("??/*")) == []
        assert json.loads(admin.get(PATH).text)["references"] == []
        assert list((tmp_path / "incoming").iterdir()) == []
