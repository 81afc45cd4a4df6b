import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import httpx
import pytest
from pydantic import SecretStr

from index.keys import issue
from index.store import OPERATOR, ApiKey, Grant, Store
from serve.app import create_app
from serve.auth import Keyring
from serve.settings import Settings
from tests.serve import pictures
from tests.serve.conftest import enrol
from tests.serve.running import ADMIN_KEY, Server, code_of, parts, served, settings_of
from vision.errors import KeyUnknown

CLOSED = [
    ("POST", "/v1/inspections"),
    ("GET", "/v1/inspections/x"),
    ("GET", "/v1/inspections/x/evidence"),
    ("PUT", "/v1/brands/acme"),
    ("GET", "/v1/brands"),
    ("GET", "/v1/brands/acme/references"),
    ("DELETE", "/v1/brands/acme/references"),
    ("POST", "/v1/keys"),
    ("DELETE", "/v1/keys/x"),
    ("GET", "/v1/organisations"),
    ("PUT", "/v1/organisations/x"),
    ("GET", "/v1/audit"),
]
FOR_ADMINS = [route for route in CLOSED if "/keys" in route[1] or "audit" in route[1] or route[0] == "PUT"]
FOR_PIPELINES = [route for route in CLOSED if "/inspections" in route[1]]
OF_BRANDS = [route for route in CLOSED if "/references" in route[1]]


@pytest.fixture(scope="module")
def brand_key(server: Server) -> str:
    """Of acme's team."""
    with server.client() as admin:
        body = {"scopes": ["references:read", "references:write"], "brand": "acme"}
        key: str = admin.post("/v1/keys", json=body).json()["key"]
    return key


@pytest.fixture
def team(server: Server, brand_key: str) -> Iterator[httpx.Client]:
    with server.client(brand_key) as client:
        yield client


def test_every_endpoint_but_those_of_health_takes_a_key(server: Server) -> None:
    paths = create_app(Settings()).openapi()["paths"]
    closed = {(method.upper(), path) for path, methods in paths.items() for method in methods if "/v1/" in path}
    assert all("security" in paths[path][method.lower()] for method, path in closed)
    with server.client(None) as nobody:
        for method, path in closed:
            answer = nobody.request(method, re.sub(r"{\w+}", "7", path))
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert code_of(answer) == "key_missing"


@pytest.mark.parametrize("key", ["ts_admin_guessed", "ts_000000000000_" + "x" * 43, "x"])
def test_an_unknown_key_opens_nothing(server: Server, key: str) -> None:
    with server.client(key) as stranger:
        answer = stranger.get("/v1/brands")
    assert answer.status_code == 401
    assert code_of(answer) == "key_unknown"


def test_the_id_of_a_key_opens_nothing_with_another_secret(server: Server, brand_key: str) -> None:
    with server.client(brand_key[:-1] + ("a" if brand_key[-1] != "a" else "b")) as stranger:
        assert code_of(stranger.get("/v1/brands")) == "key_unknown"


def test_the_key_may_come_in_its_own_header(server: Server) -> None:
    with server.client(None) as client:
        assert client.get("/v1/brands", headers={"X-API-Key": ADMIN_KEY}).status_code == 200


@pytest.mark.parametrize(("method", "path"), FOR_ADMINS + FOR_PIPELINES)
def test_a_brand_keeps_to_references(team: httpx.Client, method: str, path: str) -> None:
    answer = team.request(method, path)
    assert answer.status_code == 403
    assert code_of(answer) == "scope_missing"


@pytest.mark.parametrize(("method", "path"), [*FOR_ADMINS, *OF_BRANDS, ("GET", "/v1/brands")])
def test_a_pipeline_keeps_to_inspections(pipeline: httpx.Client, method: str, path: str) -> None:
    answer = pipeline.request(method, path)
    assert answer.status_code == 403
    assert code_of(answer) == "scope_missing"


@pytest.mark.parametrize(("method", "path"), OF_BRANDS)
def test_another_brand_is_to_a_brand_as_none(team: httpx.Client, method: str, path: str) -> None:
    theirs = team.request(method, path.replace("acme", "zenith"))  # enrolled, and even of the same organisation
    none = team.request(method, path.replace("acme", "nobody"))  # not enrolled
    for answer in (theirs, none):
        assert answer.status_code == 404
        assert code_of(answer) == "brand_unknown"
    assert theirs.json()["detail"].replace("zenith", "") == none.json()["detail"].replace("nobody", "")


def test_a_brand_sees_itself_and_no_other(team: httpx.Client) -> None:
    assert [brand["brand"] for brand in team.get("/v1/brands").json()["brands"]] == ["acme"]


def test_a_key_to_read_with_changes_nothing(server: Server, admin: httpx.Client) -> None:
    key = admin.post("/v1/keys", json={"scopes": ["references:read"]}).json()["key"]
    with server.client(key) as reader:
        assert reader.get("/v1/brands/acme/references").status_code == 200
        for method, path in (("DELETE", "references"), ("POST", "references"), ("POST", "versions/1/restore")):
            assert code_of(reader.request(method, f"/v1/brands/acme/{path}")) == "scope_missing"


def test_a_brand_tends_its_own_set(fresh: Server) -> None:
    with fresh.client() as admin:
        key = admin.put("/v1/brands/acme", json={"issue_key": True}).json()["key"]
        enrol(admin, "zenith", 2, views=1)
    with fresh.client(key) as team:
        answer = team.post("/v1/brands/ACME/references", files=parts("files", [pictures.photo(1)]))
        assert answer.status_code == 202
        reference = answer.json()["files"][0]["reference"]
        assert team.delete(f"/v1/brands/acme/references/{reference}").status_code == 200


def test_the_first_start_makes_an_admin_key_and_shows_it_once(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir = tmp_path_factory.mktemp("keys")
    settings = settings_of(data_dir, admin_key=None)
    with served(settings) as server:
        shown = capsys.readouterr().out
        key = next(word for word in shown.split() if word.startswith("ts_"))
        with server.client(key) as admin:
            assert admin.get("/v1/brands").status_code == 200
    assert all(key.encode() not in file.read_bytes() for file in data_dir.rglob("*") if file.is_file())
    with served(settings) as server:
        assert "ts_" not in capsys.readouterr().out
        with server.client(key) as admin:
            assert admin.get("/v1/brands").status_code == 200


class Counting:
    """Keys that note how often they are asked."""

    def __init__(self, store: Store) -> None:
        self.organisations, self.asked, self.known = store.organisations, 0, store.keys

    @property
    def keys(self) -> "Counting":
        return self

    def find(self, key: str) -> ApiKey | None:
        self.asked += 1
        return self.known.find(key)


def test_a_key_costs_one_look_up_whether_it_is_known_or_not(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    issued = issue(store, Grant(OPERATOR, ("inspect",)))
    counting = Counting(store)
    keyring = Keyring(cast(Store, counting), {"admin_key": SecretStr(ADMIN_KEY)})
    stranger = f"ts_{issued.key.id}_{'x' * 43}"
    for key in (issued.secret, ADMIN_KEY, "guessed", stranger, f"ts_{'0' * 12}_{'x' * 43}"):
        before = counting.asked
        with suppress(KeyUnknown):
            keyring.caller(key)
        assert counting.asked == before + 1
    store.close()
