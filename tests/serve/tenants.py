"""Two organisations on one server, and how to ask for each other's things: every endpoint, by every identifier."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from serve.app import create_app
from serve.settings import Settings
from tests.serve import pictures
from tests.serve.running import Server, parts, wait_until_searchable

# Whoever adds an endpoint with another identifier in its path, query or body makes one for each tenant in `furnish`.
# Names in a query or a body that stand for an identifier of another name:
ALIASES = {"since": "version", "baseline": "version", "claimed_brand": "brand", "after": "inspection"}
# A time, where the name stands for a version elsewhere:
TIMES = {("/v1/inspections", "since")}
# Parameters of queries that name nothing of anybody's:
PLAIN = {"format", "decision", "before", "limit", "accept", "first", "most"}


@dataclass(frozen=True)
class Operation:
    """An endpoint, as the OpenAPI document tells of it."""

    method: str
    path: str
    in_path: tuple[str, ...]
    in_query: tuple[str, ...]
    body: Mapping[str, Any] = field(repr=False)  # JSON schema of a JSON body
    form: Mapping[str, Any] = field(repr=False)  # of a form

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Ask:
    """One request."""

    operation: Operation
    names: Mapping[str, str]  # in the path
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)  # of a body or form

    def send(self, client: httpx.Client, seed: int = 1) -> httpx.Response:
        """Ask; where a body is needed, with the least that is one."""
        content: dict[str, Any] = {}
        if self.operation.body:
            content["json"] = example(self.operation.body) | dict(self.fields)
        if self.operation.form:
            files, *_ = self.operation.form["required"]
            content = {"files": parts(files, [pictures.photo(seed, 9)]), "data": self.fields}
        path = self.operation.path.format(**self.names)
        return client.request(self.operation.method, path, params=self.query, **content)


@dataclass(frozen=True)
class Tenant:
    """What an organisation has."""

    keys: Mapping[str, str]  # by what they are for
    has: Mapping[str, tuple[str, ...]]  # its identifiers, by the name that paths give them

    @property
    def tells(self) -> tuple[str, ...]:
        """Words that would tell of it. A version is a number like any other."""
        return tuple(word for name, words in self.has.items() if name != "version" for word in words)

    def first(self, names: Sequence[str]) -> dict[str, str]:
        """One identifier of each name."""
        return {name: self.has[name][0] for name in names}


def operations() -> list[Operation]:
    """Every endpoint that takes a key."""
    paths = create_app(Settings()).openapi()["paths"]
    return [
        operation_of(method, path, told)
        for path, methods in paths.items()
        for method, told in methods.items()
        if path.startswith("/v1/")
    ]


def operation_of(method: str, path: str, told: Mapping[str, Any]) -> Operation:
    parameters = told.get("parameters", [])
    content = told.get("requestBody", {}).get("content", {})
    body, form = (content.get(kind, {}).get("schema", {}) for kind in ("application/json", "multipart/form-data"))
    found = {place: [each["name"] for each in parameters if each["in"] == place] for place in ("path", "query")}
    in_order = sorted(found["path"], key=lambda name: path.index(f"{{{name}}}"))
    return Operation(method.upper(), path, tuple(in_order), tuple(found["query"]), body, form)


def identifiers(operation: Operation, known: Mapping[str, Any]) -> dict[str, str]:
    """The names in an operation's query, body or form that stand for identifiers, and which."""
    fields = [*operation.body.get("properties", {}), *operation.form.get("properties", {})]
    asked = [name for name in [*operation.in_query, *fields] if (operation.path, name) not in TIMES]
    names = {name: ALIASES.get(name, name) for name in asked}
    return {name: meant for name, meant in names.items() if meant in known}


def attacks(operation: Operation, mine: Tenant, theirs: Tenant) -> Iterator[Ask]:
    """Every way of naming theirs: in each place of the path, alone or with mine beside, in the query, in the body."""
    names = operation.in_path
    for places in itertools.product((False, True), repeat=len(names)):
        if any(places):
            named = zip(names, places, strict=True)
            choices = [theirs.has[name] if is_theirs else mine.has[name][:1] for name, is_theirs in named]
            for chosen in itertools.product(*choices):
                yield Ask(operation, dict(zip(names, chosen, strict=True)))
    for name, meant in identifiers(operation, theirs.has).items():
        for value in theirs.has[meant]:
            place = "query" if name in operation.in_query else "fields"
            yield Ask(operation, mine.first(names), **{place: {name: value}})


def example(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The least body that fits, with another name where there is one to give."""
    wanted = [*schema.get("required", ()), *({"name"} & set(schema["properties"]))]
    return {name: example_of(name, schema["properties"][name], schema) for name in wanted}


def example_of(name: str, told: Mapping[str, Any], schema: Mapping[str, Any]) -> object:
    if "$ref" in told:
        told = schema["$defs"][told["$ref"].rpartition("/")[2]]
    if told.get("type") == "array":
        return [example_of(name, told["items"], schema)]
    if "enum" in told:
        return told["enum"][0]
    if "const" in told:
        return told["const"]
    return {"boolean": True, "integer": 1, "number": 1.0}.get(told.get("type", ""), f"another {name}")


def furnish(server: Server, organisation: str, brand: str, seed: int) -> Tenant:
    """An organisation with one of everything, made by the operator."""
    with server.client() as operator:
        operator.put(f"/v1/organisations/{organisation}")
        assert operator.put(f"/v1/brands/{brand}", json={"organisation": organisation}).status_code == 200
        keys = {kind: issued(operator, organisation, *scopes, **named) for kind, scopes, named in kinds(brand)}
    with server.client(keys["admin"]) as admin:
        references, version = enrolled(admin, brand, seed)
        inspection = admin.post("/v1/inspections", files=parts("photos", [pictures.photo(seed, 9)])).json()
        assert inspection["brand"] == brand
        review = f"/v1/brands/{brand}/reviews/{inspection['id']}"
        assert admin.put(review, json={"finding": "genuine"}).status_code == 200
        negatives = f"/v1/brands/{brand}/negatives"
        look_alike = parts("files", [pictures.photo(seed + 100)])
        known = admin.post(negatives, files=look_alike, data={"kind": "parody"}).json()
        in_a_job = parts("files", [b"no photo"])
        job = admin.post(f"/v1/brands/{brand}/references", files=in_a_job, headers=once(brand)).json()
        assert admin.put(f"/v1/brands/{brand}/rollout", json={"share": 0.5}).status_code == 200
        spare = issued(admin, organisation, "references:read")
        ids = tuple(each["id"] for each in admin.get("/v1/keys").json()["keys"] if spare.startswith(f"ts_{each['id']}"))
    has = {
        "organisation": (organisation,),
        "brand": (brand,),
        "reference": references,
        "version": (str(version),),
        "negative": (known["files"][0]["reference"],),
        "inspection": (inspection["id"],),
        "job": (job["job"].rpartition("/")[2],),
        "idempotency_key": (once(brand)["Idempotency-Key"],),
        "key": ids,
    }
    return Tenant(keys, has)


def once(brand: str) -> dict[str, str]:
    """Headers of an upload that becomes a job, once."""
    return {"Prefer": "respond-async", "Idempotency-Key": f"first-of-{brand}"}


def kinds(brand: str) -> list[tuple[str, tuple[str, ...], dict[str, str]]]:
    """The keys that an organisation is given: each scope alone, and those that reach furthest."""
    alone = ("inspect", "review", "references:read", "references:write", "admin")
    return [
        *((scope, (scope,), {}) for scope in alone),
        ("marketplace", ("inspect:all", "review"), {}),
        ("team", ("inspect", "review", "references:read", "references:write"), {"brand": brand}),
    ]


def issued(client: httpx.Client, organisation: str, *scopes: str, **named: str) -> str:
    answer = client.post("/v1/keys", json={"organisation": organisation, "scopes": scopes, **named})
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["key"]
    return key


def enrolled(client: httpx.Client, brand: str, seed: int, views: int = 3) -> tuple[tuple[str, ...], int]:
    """Ids of a brand's references once they are searchable, and the version of its set."""
    photos = [pictures.photo(seed, view) for view in range(views)]
    uploaded = client.post(f"/v1/brands/{brand}/references", files=parts("files", photos)).json()
    wait_until_searchable(client, uploaded["version"])
    return tuple(file["reference"] for file in uploaded["files"]), uploaded["version"]
