"""A second organisation's key against every endpoint and every identifier of the first: nothing but 404 or 403.

The endpoints come from the OpenAPI document, so that a new one is asked as well; one whose identifiers are not known
here fails.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.serve import pictures
from tests.serve.running import Server, code_of, parts, served, settings_of
from tests.serve.tenants import PLAIN, TIMES, Ask, Operation, Tenant, attacks, furnish, identifiers, operations

OPERATIONS = operations()
REFUSED = {403, 404}
FIRST, SECOND = 5, 6  # seeds of their emblems
# What is said of a brand in a listing is no request for it, nor is one's own inspections' being told by a brand; the
# answer is as if it were not enrolled (below).
SAID = {("POST /v1/inspections", "claimed_brand"), ("GET /v1/inspections", "brand")}
UNRECORDED = {"POST /v1/inspections"}  # changes nothing that is there


@dataclass(frozen=True)
class Pair:
    """Two organisations on one server."""

    server: Server
    first: Tenant
    second: Tenant


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with served(settings_of(tmp_path_factory.mktemp("tenants"))) as server:
        first = furnish(server, "north-org", "acme-of-north", FIRST)
        yield Pair(server, first, furnish(server, "south-org", "zenith-of-south", SECOND))


@pytest.fixture(params=["admin", "marketplace", "team", "inspect", "review", "references:read", "references:write"])
def intruder(request: pytest.FixtureRequest, pair: Pair) -> Iterator[httpx.Client]:
    with pair.server.client(pair.second.keys[request.param]) as client:
        yield client


def state_of(pair: Pair) -> list[object]:
    """All that the first organisation reads of itself."""
    with pair.server.client(pair.first.keys["admin"]) as admin:
        reading = [op for op in OPERATIONS if op.method == "GET"]
        asked = [Ask(op, pair.first.first(op.in_path)).send(admin) for op in reading]
    assert {answer.status_code for answer in asked} == {200}  # so these identifiers are what they should be
    # the store's own version is everybody's
    return [re.sub(rb'"version":\d+,"searchable":\w+', b"", read(answer)) for answer in asked]


def read(answer: httpx.Response) -> bytes:
    """What was answered; of a zip, which tells the time, what it holds."""
    if answer.headers["content-type"] != "application/zip":
        return answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        return b"".join(zipped.read(name) for name in zipped.namelist())


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_every_identifier_is_known_here(pair: Pair, operation: Operation) -> None:
    known = set(pair.first.has)
    missing = set(operation.in_path) - known
    assert not missing, f"make {missing} for each tenant in tests/serve/tenants.furnish"
    times = {name for path, name in TIMES if path == operation.path}
    unclear = set(operation.in_query) - PLAIN - times - set(identifiers(operation, pair.first.has))
    assert not unclear, f"say in tests/serve/tenants what {unclear} name: identifiers, ALIASES of some, or PLAIN"


def test_nothing_of_another_organisation_opens(pair: Pair, intruder: httpx.Client) -> None:
    before = state_of(pair)
    asked = 0
    for operation in OPERATIONS:
        for ask in attacks(operation, pair.second, pair.first):
            if any((str(operation), name) in SAID for name in (*ask.fields, *ask.query)):
                continue
            answer = ask.send(intruder)
            assert answer.status_code in REFUSED, (ask, answer.status_code, answer.text)
            assert code_of(answer) not in ("route_unknown", "method_not_allowed"), ask
            asked += 1
    assert asked >= 40
    assert state_of(pair) == before


def test_what_exists_is_refused_in_the_words_of_what_does_not(pair: Pair) -> None:
    with pair.server.client(pair.second.keys["admin"]) as intruder:
        for operation in OPERATIONS:
            if operation.in_path:
                names = pair.first.first(operation.in_path)
                nothing = {name: "7" * len(value) for name, value in names.items()}
                answers = [Ask(operation, each).send(intruder) for each in (names, nothing)]
                theirs, none = (without(answer, each) for answer, each in zip(answers, (names, nothing), strict=True))
                assert theirs == none, operation


def without(answer: httpx.Response, names: dict[str, str]) -> tuple[int, str, str]:
    """What an answer says, less what was asked for."""
    detail: str = answer.json()["detail"]
    for name in names.values():
        detail = detail.replace(name, "")
    return answer.status_code, code_of(answer), detail


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if not each.in_path], ids=str)
def test_what_lists_or_makes_tells_nothing_of_another(pair: Pair, operation: Operation) -> None:
    for kind in ("admin", "team"):
        with pair.server.client(pair.second.keys[kind]) as client:
            answer = Ask(operation, {}).send(client, seed=FIRST)
        assert not [word for word in pair.first.tells if word in answer.text], (kind, answer.text)


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/openapi.json", "/"])
def test_what_is_open_tells_nothing_of_anybody(pair: Pair, path: str) -> None:
    with pair.server.client(None) as anyone:
        page = anyone.get(path).text
    assert not [word for word in pair.first.tells if word in page]


def test_a_marketplace_recognises_all_and_sees_no_reference_without_a_scope_for_it(pair: Pair) -> None:
    with pair.server.client(pair.second.keys["marketplace"]) as marketplace:
        verdict = marketplace.post("/v1/inspections", files=parts("photos", [pictures.photo(FIRST, 9)])).json()
        assert verdict["brand"] == pair.first.has["brand"][0]
        assert marketplace.get(f"/v1/inspections/{verdict['id']}").json() == verdict
        for form in ("png", "html"):
            refused = marketplace.get(verdict["evidence"], params={"format": form})
            assert (refused.status_code, code_of(refused)) == (403, "scope_missing")
        own = marketplace.post("/v1/inspections", files=parts("photos", [pictures.photo(SECOND, 9)])).json()
        assert marketplace.get(own["evidence"]).status_code == 200


def test_inspections_told_by_anothers_brand_are_none_as_of_a_brand_that_is_not_there(pair: Pair) -> None:
    with pair.server.client(pair.second.keys["team"]) as team:
        theirs, nobodys = (
            team.get("/v1/inspections", params={"brand": brand}).json()
            for brand in (pair.first.has["brand"][0], "nobody")
        )
    assert theirs == nobodys == {"organisation": "south-org", "inspections": [], "next": None}


def test_a_key_narrowed_to_a_brand_reads_the_inspections_of_keys_like_it(pair: Pair) -> None:
    photo = parts("photos", [pictures.photo(SECOND, 9)])
    with pair.server.client(pair.second.keys["team"]) as team, pair.server.client(pair.second.keys["admin"]) as admin:
        made, others = (client.post("/v1/inspections", files=photo).json()["id"] for client in (team, admin))
        assert [team.get(f"/v1/inspections/{each}").status_code for each in (made, others)] == [200, 404]
        assert [admin.get(f"/v1/inspections/{each}").status_code for each in (made, others)] == [200, 200]
        listed = ({each["id"] for each in who.get("/v1/inspections").json()["inspections"]} for who in (team, admin))
        assert [{made, others} & ids for ids in listed] == [{made}, {made, others}]


def test_a_brand_handed_over_is_out_of_its_old_owners_reach(pair: Pair) -> None:
    with pair.server.client() as operator, pair.server.client(pair.second.keys["admin"]) as old:
        operator.put("/v1/brands/parcel", json={"organisation": "south-org"})
        narrow = old.post("/v1/keys", json={"scopes": ["references:read"], "brand": "parcel"}).json()["key"]
        operator.put("/v1/brands/parcel", json={"organisation": "north-org"})
        assert old.get("/v1/brands/parcel/references").status_code == 404
    with pair.server.client(narrow) as team:
        assert team.get("/v1/brands/parcel/references").status_code == 404
        assert team.get("/v1/brands").json()["brands"] == []


@pytest.mark.parametrize("claimed", [None, "acme-of-north"])
def test_a_brands_answers_are_those_of_a_service_with_no_other_brand(
    pair: Pair, tmp_path_factory: pytest.TempPathFactory, claimed: str | None
) -> None:
    """Non-interference: the first organisation's being there changes nothing that the second is answered."""
    listings = [[(FIRST, False)], [(SECOND, False)], [(SECOND, True)], [(FIRST, True), (SECOND, False)]]
    said = {} if claimed is None else {"claimed_brand": claimed}
    with served(settings_of(tmp_path_factory.mktemp("alone"))) as alone:
        second = furnish(alone, "south-org", "zenith-of-south", SECOND)
        answers = [
            [answered(server, key, listing, said) for listing in listings]
            for server, key in ((alone, second.keys["inspect"]), (pair.server, pair.second.keys["inspect"]))
        ]
    assert answers[0] == answers[1]
    assert {verdict["brand"] for verdict, _ in answers[1]} == {None, "zenith-of-south"}


def answered(
    server: Server, key: str, listing: list[tuple[int, bool]], said: dict[str, str]
) -> tuple[dict[str, object], bytes | None]:
    """The verdict and its picture, less what is of this one inspection and of the gallery as a whole."""
    photos = parts("photos", [pictures.photo(seed, 9, altered) for seed, altered in listing])
    with server.client(key) as client:
        verdict = client.post("/v1/inspections", files=photos, data=said).json()
        picture = None if verdict["evidence"] is None else client.get(verdict["evidence"]).content
    for name in ("id", "created_at", "evidence", "gallery_version", "set_version"):
        verdict.pop(name)
    return verdict, picture


def destructiveness(operation: Operation) -> tuple[int, int]:
    """What reads comes first, then what adds, then what goes back; what removes a whole set comes last."""
    names = len(operation.in_path)
    return ["GET", "PUT", "POST", "DELETE"].index(operation.method), -names if operation.method == "DELETE" else names


def test_the_owner_may_and_every_change_is_on_record(pair: Pair) -> None:
    """Last, since it changes things. What was refused above was refused for whose it is, and for nothing else."""
    unrecorded = []
    with pair.server.client(pair.first.keys["admin"]) as admin, pair.server.client() as operator:
        for operation in sorted(OPERATIONS, key=destructiveness):
            ask = Ask(operation, pair.first.first(operation.in_path))
            answer = ask.send(admin, seed=9)
            if answer.status_code == 403:
                answer = ask.send(operator, seed=9)
            assert answer.status_code not in (401, 403, 404, 405), (operation, answer.text)
            if answer.is_success and operation.method != "GET" and str(operation) not in UNRECORDED:
                lines = admin.get("/v1/audit").json()["lines"]
                if answer.headers["x-request-id"] not in {line["request"] for line in lines}:
                    unrecorded.append(str(operation))
    assert unrecorded == []
