"""The keys that were issued. A key itself is never here, only its hash."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from index.store import rows, trail
from index.store.database import Database
from index.store.tables import access_keys
from index.store.tenants import SCOPES, ApiKey, Grant
from vision.errors import BrandUnknown, IssuedKeyUnknown, KeyEnded


class Keys:
    """Of one store. A key that is over stays listed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, key: str) -> ApiKey | None:
        """The key of this id, whatever became of it."""
        with self._database.reading() as connection:
            return _found(connection, key)

    def of(self, organisation: str | None = None) -> tuple[ApiKey, ...]:
        """An organisation's keys, or all, oldest first; `OrganisationUnknown`."""
        query = select(access_keys).order_by(access_keys.c.created, access_keys.c.id)
        with self._database.reading() as connection:
            if organisation is not None:
                rows.known_organisation(connection, organisation)
                query = query.where(access_keys.c.organisation == organisation)
            return tuple(_key_of(row) for row in connection.execute(query))

    def add(self, key: str, key_hash: str, grant: Grant) -> ApiKey:
        """Accept a key from now on. Errors: `OrganisationUnknown`, `BrandUnknown` (or of another organisation)."""
        made = ApiKey(key, key_hash, grant, datetime.now(UTC))
        with self._database.writing() as connection:
            rows.known_organisation(connection, grant.organisation)
            if grant.brand is not None and rows.known_brand(connection, grant.brand).organisation != grant.organisation:
                raise BrandUnknown(f"organisation {grant.organisation!r} has no brand {grant.brand!r}; list its brands")
            _insert(connection, made)
            _note(connection, made, "key.created", _in_words(grant))
        return made

    def rotate(self, key: str, new: str, new_hash: str, overlap_until: datetime, expires: datetime | None) -> ApiKey:
        """Accept a new key with an old one's rights, and the old one until then at the latest; gives the new one.

        Errors: `IssuedKeyUnknown`, `KeyEnded` where the old one opens nothing any more.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            old = _known(connection, key)
            if old.is_over(now):
                raise KeyEnded(f"key {key!r} is expired or revoked, and is not brought back; create another")
            made = ApiKey(new, new_hash, replace(old.grant, expires=expires), now)
            _insert(connection, made)
            _note(connection, made, "key.created", _in_words(made.grant))
            until = min(filter(None, (old.grant.expires, overlap_until)))
            _change(connection, key, {"expires": until, "replaced_by": new})
            words = f"to {new}, accepted until {until.isoformat(timespec='seconds')}"
            _note(connection, old, "key.rotated", words)
        return made

    def revoke(self, key: str) -> ApiKey:
        """Accept a key no more, from now on; again changes nothing. Errors: `IssuedKeyUnknown`."""
        with self._database.writing() as connection:
            known = _known(connection, key)
            if known.revoked is None:
                _change(connection, key, {"revoked": datetime.now(UTC)})
                _note(connection, known, "key.revoked", "")
            return _known(connection, key)


def _known(connection: Connection, key: str) -> ApiKey:
    found = _found(connection, key)
    if found is None:
        raise IssuedKeyUnknown(f"there is no key with the id {key!r}; list the keys to see their ids")
    return found


def _found(connection: Connection, key: str) -> ApiKey | None:
    row = connection.execute(select(access_keys).where(access_keys.c.id == key)).one_or_none()
    return None if row is None else _key_of(row)


def _insert(connection: Connection, key: ApiKey) -> None:
    row = vars(key) | vars(key.grant) | {"scopes": " ".join(key.grant.scopes)}
    del row["grant"]
    connection.execute(insert(access_keys).values(row))


def _change(connection: Connection, key: str, values: Mapping[str, object]) -> None:
    connection.execute(update(access_keys).where(access_keys.c.id == key).values(values))


def _note(connection: Connection, key: ApiKey, action: str, words: str) -> None:
    trail.note(connection, key.grant.organisation, action, f"keys/{key.id}", words)


def _in_words(grant: Grant) -> str:
    narrowed = "" if grant.brand is None else f" for brand {grant.brand}"
    return f"{' '.join(grant.scopes)}{narrowed}"


def _key_of(row: Row[Any]) -> ApiKey:
    held = row.scopes.split()
    scopes = tuple(scope for scope in SCOPES if scope in held)
    grant = Grant(row.organisation, scopes, row.brand, row.label, row.expires)
    return ApiKey(row.id, row.hash, grant, row.created, row.revoked, row.replaced_by)
