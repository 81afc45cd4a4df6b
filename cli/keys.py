"""`touchstone keys`: the API keys of the organisations that share a store."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import console
from cli.options import DEFAULT_DATA_DIR, AsJson, DataDir, OfOrganisation
from vision.errors import ConfigurationError

if TYPE_CHECKING:
    from index.keys import Issued
    from index.store import ApiKey, Scope

group = typer.Typer(name="keys", help="Create, list, rotate and revoke API keys.", no_args_is_help=True)

KeyId = Annotated[str, typer.Argument(help="The key's id, as `touchstone keys list` shows it.", metavar="ID")]
Days = Annotated[
    float | None, typer.Option("--days", min=0.0, help="How long the new key is good; for ever if left out.")
]
COLUMNS = ("id", "organisation", "scopes", "brand", "label", "created", "expires", "state")


@group.command()
def create(
    scope: Annotated[list[str], typer.Option("--scope", help="What the key may do; may be repeated.")],
    organisation: OfOrganisation = None,
    brand: Annotated[str | None, typer.Option("--brand", help="Narrow the key to this brand.")] = None,
    label: Annotated[str, typer.Option("--label", help="For people.")] = "",
    days: Days = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Make a key, shown this once: only its hash is kept."""
    from cli import composition
    from index import keys
    from index.reference_set import brand_id
    from index.store import OPERATOR, Grant

    grant = Grant(organisation or OPERATOR, scopes_of(scope), brand and brand_id(brand), label, _end(days))
    with composition.opened(data) as store:
        _tell(keys.issue(store, grant), as_json)


@group.command("list")
def list_keys(organisation: OfOrganisation = None, data: DataDir = DEFAULT_DATA_DIR, as_json: AsJson = False) -> None:
    """List keys, those that are over included; never the keys themselves."""
    from cli import composition

    with composition.opened(data) as store:
        found = store.keys.of(organisation)
    if as_json:
        console.write_json([_told(key) for key in found])
    else:
        console.write_table(COLUMNS, [[str(cell or "-") for cell in _told(key).values()] for key in found])


@group.command()
def rotate(
    key: KeyId,
    overlap_hours: Annotated[float, typer.Option("--overlap", help="Hours that the old key is accepted still.")] = 24.0,
    days: Days = None,
    data: DataDir = DEFAULT_DATA_DIR,
    as_json: AsJson = False,
) -> None:
    """Make a key with the rights of the key ID, shown this once, and let the old one end."""
    from cli import composition
    from index import keys

    with composition.opened(data) as store:
        _tell(keys.rotate(store, key, timedelta(hours=overlap_hours), _end(days)), as_json)


@group.command()
def revoke(key: KeyId, data: DataDir = DEFAULT_DATA_DIR) -> None:
    """Accept the key ID no more, from now on and everywhere."""
    from cli import composition

    with composition.opened(data) as store:
        revoked = store.keys.revoke(key)
    console.say(f"key {revoked.id} of {revoked.grant.organisation} is revoked")


def scopes_of(words: list[str]) -> "tuple[Scope, ...]":
    """The scopes that words name. Errors: `ConfigurationError` with the choices."""
    from index.store import SCOPES

    unknown = [word for word in words if word not in SCOPES]
    if unknown:
        raise ConfigurationError(f"there is no scope {unknown[0]!r}; choose from {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in words)


def _end(days: float | None) -> datetime | None:
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


def _tell(issued: "Issued", as_json: bool) -> None:
    if as_json:
        console.write_json({"key": issued.secret, **_told(issued.key)})
    else:
        console.say(issued.secret)
        console.note(f"key {issued.key.id} of {issued.key.grant.organisation}; it is not shown again")


def _told(key: "ApiKey") -> dict[str, Any]:
    grant = key.grant
    return {
        "id": key.id,
        "organisation": grant.organisation,
        "scopes": " ".join(grant.scopes),
        "brand": grant.brand,
        "label": grant.label,
        "created_at": key.created.isoformat(timespec="seconds"),
        "expires_at": None if grant.expires is None else grant.expires.isoformat(timespec="seconds"),
        "state": _state(key),
    }


def _state(key: "ApiKey") -> str:
    if key.revoked is not None:
        return "revoked"
    if key.is_over(datetime.now(UTC)):
        return "expired"
    return "good" if key.replaced_by is None else f"rotated to {key.replaced_by}"
