"""The committed interface is the app's. Write it anew with `python -m tests.serve.test_openapi`."""

import json
import re
from pathlib import Path
from typing import Any

import httpx

from serve.app import create_app
from serve.settings import Settings
from tests.serve.running import Server

DOCS = Path(__file__).parents[2] / "docs"
FIXED = {
    "/v1/inspections": {"post"},
    "/v1/inspections/{inspection}": {"get"},
    "/v1/inspections/{inspection}/evidence": {"get"},
    "/v1/brands/{brand}": {"put"},
    "/v1/brands/{brand}/references": {"post", "get", "delete"},
    "/health": {"get"},
    "/ready": {"get"},
    "/metrics": {"get"},
}


def interface() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def test_the_committed_interface_is_the_apps(server: Server) -> None:
    committed = json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))
    assert committed == interface()
    with server.client(None) as anyone:
        assert anyone.get("/openapi.json").json() == committed


def test_the_fixed_interface_is_kept() -> None:
    paths = interface()["paths"]
    for path, methods in FIXED.items():
        assert methods <= set(paths[path])


def test_every_endpoint_is_documented() -> None:
    document = (DOCS / "api.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^### ([A-Z]+ \S+)$", document, re.MULTILINE))
    paths = interface()["paths"]
    assert headings == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_the_landing_page_is_guarded(server: Server) -> None:
    with server.client(None) as anyone:
        page = anyone.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["x-frame-options"] == "DENY"


def test_other_sites_may_not_read_answers(server: Server) -> None:
    with httpx.Client(base_url=server.url) as browser:
        answer = browser.get("/health", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


if __name__ == "__main__":
    (DOCS / "openapi.json").write_text(json.dumps(interface(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
