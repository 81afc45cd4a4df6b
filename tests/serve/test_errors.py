"""Provokes every error of the tables in docs/api.md, and finds none that they leave out."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from benchmarks.hostile.bodies import zipped
from serve.app import Model
from tests.serve import pictures
from tests.serve.fakes import FaultyEmbedder, inspector
from tests.serve.running import (
    ADMIN_KEY,
    PIPELINE_KEY,
    Server,
    code_of,
    head,
    parts,
    served,
    settings_of,
    taken,
    wait_for,
    wait_until_searchable,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
FORM = {"Content-Type": "multipart/form-data; boundary=line"}


@dataclass(frozen=True)
class Stage:
    """A server with tight limits whose embedder can be made to fail, and a client with every right."""

    server: Server
    admin: httpx.Client
    embedder: FaultyEmbedder

    def inspect(self, *photos: bytes) -> httpx.Response:
        return self.admin.post("/v1/inspections", files=parts("photos", photos))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    embedder = FaultyEmbedder()
    settings = settings_of(
        tmp_path_factory.mktemp("errors"),
        canary_max_age_s=0.0,
        upload_slots=1,
        limits={
            "file_bytes": 300_000,
            "inspection_bytes": 500_000,
            "body_timeout_s": 1.0,
            "photo_pixels": 250_000,
            "rollouts": 1,
        },
    )
    with served(settings, lambda settings: Model(embedder, inspector)) as server, server.client() as admin:
        admin.put("/v1/brands/acme")
        upload = parts("files", [pictures.photo(1)])
        wait_until_searchable(admin, admin.post("/v1/brands/acme/references", files=upload).json()["version"])
        yield Stage(server, admin, embedder)


def with_key(stage: Stage, key: str | None) -> httpx.Response:
    with stage.server.client(key) as client:
        return client.get("/v1/brands")


def broken(stage: Stage, ask: Callable[[], httpx.Response]) -> httpx.Response:
    """What is answered while the embedder fails."""
    stage.embedder.broken = True
    try:
        return ask()
    finally:
        stage.embedder.broken = False


def slow_body() -> Iterator[bytes]:
    """Longer than the server waits."""
    yield b"--line\r\n"
    time.sleep(1.5)
    yield b"too late"


def overloaded(stage: Stage) -> httpx.Response:
    """A second upload while the only slot is taken by one that is slow to arrive."""
    path = "/v1/brands/acme/references"
    with socket.create_connection(stage.server.address) as slow:
        slow.sendall(head(path, "Content-Length: 1000"))
        wait_for(lambda: taken(stage.admin, "uploads") == 1)
        return stage.admin.post(path, files=parts("files", [b"x"]))


def uploaded(stage: Stage, seed: int) -> httpx.Response:
    """An upload of another photo for each seed, always with the same key."""
    upload = parts("files", [pictures.photo(seed)])
    return stage.admin.post("/v1/brands/acme/references", files=upload, headers={"Idempotency-Key": "mine"})


def over(stage: Stage, how: str) -> str:
    """A key that opens nothing any more."""
    issued = stage.admin.post("/v1/keys", json={"scopes": ["review"]}).json()
    path = f"/v1/keys/{issued['id']}"
    ended = stage.admin.delete(path) if how == "revoke" else rotated_at_once(stage, path)
    assert ended.status_code in (200, 201)
    key: str = issued["key"]
    return key


def rotated_at_once(stage: Stage, path: str) -> httpx.Response:
    return stage.admin.post(f"{path}/rotate", json={"overlap_hours": 0})


def named(stage: Stage, *photos: bytes) -> httpx.Response:
    """An upload of marks that are not to be flagged."""
    return stage.admin.post("/v1/brands/acme/negatives", files=parts("files", photos), data={"kind": "parody"})


def rolled_out(stage: Stage, brand: str, then: int = 0) -> httpx.Response:
    """A roll-out of a brand with two versions, from the newest or another; one may be under way at once."""
    path = f"/v1/brands/{brand}"
    stage.admin.put(path)
    for seed in (8, 9):
        stage.admin.post(f"{path}/references", files=parts("files", [pictures.photo(seed)]))
    versions = [each["version"] for each in stage.admin.get(f"{path}/versions").json()["versions"]]
    return stage.admin.put(f"{path}/rollout", json={"share": 0.5, "baseline": versions[then]})


def zip_sent(stage: Stage, body: bytes) -> httpx.Response:
    return stage.admin.post("/v1/brands/acme/references", content=body, headers={"Content-Type": "application/zip"})


PROVOKE: dict[str, Callable[[Stage], httpx.Response]] = {
    "key_missing": lambda stage: with_key(stage, None),
    "key_unknown": lambda stage: with_key(stage, "ts_admin_guessed"),
    "key_expired": lambda stage: with_key(stage, over(stage, "rotate")),
    "key_revoked": lambda stage: with_key(stage, over(stage, "revoke")),
    "scope_missing": lambda stage: with_key(stage, PIPELINE_KEY),
    "route_unknown": lambda stage: stage.admin.get("/v2"),
    "brand_unknown": lambda stage: stage.admin.get("/v1/brands/nobody/references"),
    "reference_unknown": lambda stage: stage.admin.delete("/v1/brands/acme/references/x"),
    "job_unknown": lambda stage: stage.admin.get("/v1/brands/acme/jobs/x"),
    "answer_unknown": lambda stage: stage.admin.get("/v1/brands/acme/answers/x"),
    "version_unknown": lambda stage: stage.admin.get("/v1/brands/acme/versions/99"),
    "inspection_unknown": lambda stage: stage.admin.get("/v1/inspections/x"),
    "organisation_unknown": lambda stage: stage.admin.get("/v1/audit?organisation=nobody"),
    "issued_key_unknown": lambda stage: stage.admin.delete("/v1/keys/x"),
    "evidence_absent": lambda stage: stage.admin.get(
        f"/v1/inspections/{stage.inspect(pictures.plain(64, 64)).json()['id']}/evidence"
    ),
    "method_not_allowed": lambda stage: stage.admin.delete("/v1/brands"),
    "key_ended": lambda stage: stage.admin.post(f"/v1/keys/{over(stage, 'revoke')[3:15]}/rotate"),
    "body_timeout": lambda stage: stage.admin.post("/v1/inspections", content=slow_body(), headers=FORM),
    "body_too_large": lambda stage: stage.inspect(b"x" * 290_000, b"x" * 290_000),
    "file_too_large": lambda stage: stage.inspect(b"x" * 300_001),
    "too_many_files": lambda stage: stage.inspect(*[b"x"] * 13),
    "archive_too_large": lambda stage: zip_sent(stage, zipped(("a", bytes(2**21)))),
    "form_type_unsupported": lambda stage: stage.admin.post("/v1/inspections", json={}),
    "form_invalid": lambda stage: stage.admin.post("/v1/inspections", files=parts("pictures", [b"x"])),
    "archive_unreadable": lambda stage: zip_sent(stage, b"x"),
    "archive_unsafe": lambda stage: zip_sent(stage, zipped(("../a", b"x"))),
    "metadata_invalid": lambda stage: stage.admin.post(
        "/v1/brands/acme/references", files=parts("files", [b"x"]), data={"kind": "logo"}
    ),
    "idempotency_key_reused": lambda stage: [uploaded(stage, number) for number in (2, 3)][-1],
    "request_invalid": lambda stage: stage.admin.put("/v1/brands/acme", json={"name": 1, "colour": "red"}),
    "brand_name_invalid": lambda stage: stage.admin.put("/v1/brands/_"),
    "organisation_name_invalid": lambda stage: stage.admin.put("/v1/organisations/_"),
    "grant_invalid": lambda stage: stage.admin.post("/v1/keys", json={"scopes": []}),
    "rollout_absent": lambda stage: stage.admin.get("/v1/brands/acme/rollout"),
    "rollout_under_way": lambda stage: [rolled_out(stage, "zenith", then) for then in (0, -1)][-1],
    "too_many_rollouts": lambda stage: [rolled_out(stage, brand) for brand in ("zenith", "bolt")][-1],
    "too_many_negatives": lambda stage: named(stage, *[pictures.plain(40 + side, 60) for side in range(65)]),
    "files_refused": lambda stage: stage.inspect(b"x"),
    "internal": lambda stage: broken(stage, lambda: stage.inspect(pictures.photo(1))),
    "overloaded": overloaded,
    "not_ready": lambda stage: broken(stage, lambda: stage.admin.get("/ready")),
}

BAD_FILES: dict[str, bytes] = {
    "photo_empty": b"",
    "photo_not_image": b"no image at all",
    "photo_format_unsupported": pictures.encode(pictures.emblem(1).resize((64, 64)), "BMP"),
    "photo_truncated": pictures.photo(1)[:3000],
    "photo_unreadable": pictures.damaged(),
    "photo_too_large": pictures.plain(1000, 300),
    "photo_too_small": pictures.plain(31, 300),
}


def documented(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading, by code."""
    section = re.split(r"^#+ ", DOCUMENT.partition(heading)[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:3] == "| `"]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_the_tables_are_complete() -> None:
    assert list(documented("## Errors\n")) == list(PROVOKE)
    assert list(documented("### Errors of single files\n")) == list(BAD_FILES)


@pytest.mark.parametrize("code", PROVOKE)
def test_an_error_is_answered_as_documented(stage: Stage, code: str) -> None:
    answer = PROVOKE[code](stage)
    assert code_of(answer) == code
    assert str(answer.status_code) == documented("## Errors\n")[code][0]
    assert "Traceback" not in answer.text
    assert ADMIN_KEY not in answer.text


@pytest.mark.parametrize("code", BAD_FILES)
def test_a_bad_file_is_named_as_documented(stage: Stage, code: str) -> None:
    answer = stage.inspect(BAD_FILES[code])
    assert [file["code"] for file in answer.json()["files"]] == [code]


def test_faults_of_a_request_are_told_together(stage: Stage) -> None:
    faults = PROVOKE["request_invalid"](stage).json()["faults"]
    assert [fault["where"] for fault in faults] == ["name", "colour"]


def test_what_cannot_be_done_by_this_method_says_which_can(stage: Stage) -> None:
    assert "GET" in PROVOKE["method_not_allowed"](stage).headers["allow"]
