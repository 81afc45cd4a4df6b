"""Keys over HTTP: issued, listed, rotated, revoked; and the audit log of it."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.serve.running import ADMIN_KEY, PIPELINE_KEY, Server, code_of

SECRET_LENGTH = 59  # ts_, an id of 12, and 256 bits in 43


def issue(admin: httpx.Client, *scopes: str, **named: object) -> dict[str, str]:
    answer = admin.post("/v1/keys", json={"scopes": scopes, **named})
    assert answer.status_code == 201, answer.text
    issued: dict[str, str] = answer.json()
    return issued


def opens(server: Server, key: str) -> str:
    """`yes`, or the code of why not."""
    with server.client(key) as client:
        answer = client.get("/v1/brands")
    return "yes" if answer.status_code == 200 else code_of(answer)


@pytest.fixture
def north(fresh: Server) -> str:
    """The key of an organisation's admin, beside whom the operator has a brand."""
    with fresh.client() as operator:
        operator.put("/v1/organisations/north", json={"name": "North Ltd"})
        operator.put("/v1/brands/acme", json={"organisation": "north"})
        operator.put("/v1/brands/other")
        return issue(operator, "admin", organisation="north")["key"]


def test_a_key_is_shown_once(fresh: Server) -> None:
    with fresh.client() as admin:
        end = datetime.now(UTC) + timedelta(days=30)
        issued = issue(admin, "references:read", label="their team", expires_at=end.isoformat())
        assert len(issued["key"]) == SECRET_LENGTH
        (listed,) = admin.get("/v1/keys").json()["keys"]
        assert listed == {name: value for name, value in issued.items() if name != "key"}
        everything = admin.get("/v1/keys").text + admin.get("/v1/audit").text
    assert issued["key"] not in everything
    assert issued["key"][16:] not in everything
    assert opens(fresh, issued["key"]) == "yes"


def test_a_key_is_rotated_with_an_overlap_and_without(fresh: Server) -> None:
    with fresh.client() as admin:
        old = issue(admin, "references:read", label="their team")
        new = admin.post(f"/v1/keys/{old['id']}/rotate").json()
        assert (new["scopes"], new["label"]) == (old["scopes"], old["label"])
        assert opens(fresh, old["key"]) == opens(fresh, new["key"]) == "yes"
        newest = admin.post(f"/v1/keys/{new['id']}/rotate", json={"overlap_hours": 0}).json()
        assert (opens(fresh, new["key"]), opens(fresh, newest["key"])) == ("key_expired", "yes")


def test_a_revoked_key_opens_nothing_from_then_on(fresh: Server) -> None:
    with fresh.client() as admin:
        issued = issue(admin, "references:read")
        assert opens(fresh, issued["key"]) == "yes"
        revoked = admin.delete(f"/v1/keys/{issued['id']}").json()
    assert revoked["revoked_at"]
    assert opens(fresh, issued["key"]) == "key_revoked"


def test_an_admin_grants_what_stays_within_its_walls(fresh: Server, north: str) -> None:
    with fresh.client(north) as admin:
        assert opens(fresh, issue(admin, "references:read", brand="ACME")["key"]) == "yes"
        for scope in ("inspect:all", "evidence:all", "operator"):
            assert code_of(admin.post("/v1/keys", json={"scopes": ["inspect", scope]})) == "scope_missing"
        for named, code in (
            ({"organisation": "operator"}, "organisation_unknown"),
            ({"brand": "other"}, "brand_unknown"),
        ):
            assert code_of(admin.post("/v1/keys", json={"scopes": ["inspect"], **named})) == code


def test_an_admin_beside_the_operator_does_not_become_one(fresh: Server) -> None:
    with fresh.client() as operator:
        chief, aide = issue(operator, "operator"), issue(operator, "admin")
        with fresh.client(aide["key"]) as admin:
            for ask in (admin.post(f"/v1/keys/{chief['id']}/rotate"), admin.delete(f"/v1/keys/{chief['id']}")):
                assert code_of(ask) == "scope_missing"
    assert opens(fresh, chief["key"]) == "yes"


def test_only_the_operator_says_which_brands_there_are(fresh: Server, north: str) -> None:
    with fresh.client(north) as admin:
        assert admin.put("/v1/brands/acme", json={"name": "Acme Inc."}).json()["name"] == "Acme Inc."
        taken, free = admin.put("/v1/brands/other"), admin.put("/v1/brands/nobody")
        assert code_of(taken) == code_of(free) == "brand_unknown"
        assert taken.json()["detail"].replace("other", "") == free.json()["detail"].replace("nobody", "")
        assert code_of(admin.put("/v1/brands/acme", json={"organisation": "operator"})) == "scope_missing"
        assert code_of(admin.put("/v1/organisations/north")) == "scope_missing"
        assert [each["name"] for each in admin.get("/v1/organisations").json()["organisations"]] == ["North Ltd"]


def test_the_audit_log_tells_who_by_which_request(fresh: Server, north: str) -> None:
    with fresh.client(north) as admin:
        asked = admin.put("/v1/brands/acme", json={"name": "Acme Inc."})
        log = admin.get("/v1/audit", params={"limit": 2}).json()
        newest = log["lines"][0]
        assert (newest["action"], newest["target"], newest["detail"]) == ("brand.renamed", "brands/acme", "Acme Inc.")
        assert (newest["key"], newest["request"]) == (north[3:15], asked.headers["x-request-id"])
        earlier = admin.get("/v1/audit", params={"before": log["next"]}).json()
    lines = log["lines"] + earlier["lines"]
    assert [line["number"] for line in lines] == list(range(len(lines), 0, -1))
    assert earlier["next"] is None
    assert {line["key"] for line in lines[1:]} == {"admin_key"}
    assert "other" not in str(lines)


@pytest.mark.parametrize("key", [ADMIN_KEY, PIPELINE_KEY])
def test_the_keys_of_the_settings_are_not_kept(fresh: Server, key: str) -> None:
    with fresh.client() as admin:
        assert admin.get("/v1/keys").json()["keys"] == []
    with fresh.client(key) as client:
        assert code_of(client.get("/v1/inspections/x")) == "inspection_unknown"
