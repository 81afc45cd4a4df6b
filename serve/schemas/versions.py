"""What goes over the wire about the versions of a reference set."""

from collections.abc import Sequence
from datetime import datetime

from index.store import Action, Difference, Held, Restoration, SetVersion
from serve.schemas.brands import ReferenceResponse
from serve.schemas.wire import Wire


class VersionResponse(Wire):
    """One version of a set, and the change that made it."""

    version: int  # of the store, when the set became this
    created_at: datetime
    action: Action
    added: int
    removed: int
    references: int  # in the set from here on
    restored: int | None  # the version it was restored to

    @classmethod
    def from_domain(cls, version: SetVersion) -> "VersionResponse":
        """As stored."""
        return cls(
            version=version.version,
            created_at=version.created,
            action=version.action,
            added=version.added,
            removed=version.removed,
            references=version.held,
            restored=version.restored,
        )


class VersionsResponse(Wire):
    """All versions of a brand's set."""

    brand: str
    versions: list[VersionResponse]  # newest first


class HeldResponse(ReferenceResponse):
    """A reference that a version held."""

    withdrawn: bool  # since, and for good: `image` answers 404, and no version brings it back

    @classmethod
    def of(cls, held: Held) -> "HeldResponse":
        """As it was held."""
        return cls(**ReferenceResponse.from_domain(held.reference).model_dump(), withdrawn=held.withdrawn)


class SetResponse(Wire):
    """What a set held at a version."""

    brand: str
    version: int
    references: list[HeldResponse]

    @classmethod
    def from_domain(cls, brand: str, version: int, held: Sequence[Held]) -> "SetResponse":
        """In the set's order."""
        return cls(brand=brand, version=version, references=[HeldResponse.of(each) for each in held])


class DifferenceResponse(Wire):
    """What a set gained and lost from version `since` to `version`."""

    brand: str
    since: int | None  # null: from the empty set, before its first version
    version: int
    added: list[HeldResponse]
    removed: list[HeldResponse]

    @classmethod
    def from_domain(cls, brand: str, since: int | None, version: int, difference: Difference) -> "DifferenceResponse":
        """As compared."""
        added, removed = ([HeldResponse.of(each) for each in side] for side in (difference.added, difference.removed))
        return cls(brand=brand, since=since, version=version, added=added, removed=removed)


class RestorationResponse(Wire):
    """A set that is again what it was; searchable so once /ready shows `gallery_store_version` >= `version`."""

    brand: str
    version: int  # the new one; the store's as it was where nothing had to change
    brought_back: int
    set_aside: int  # joined since; kept, and brought back by a version that holds them
    lost: list[str]  # withdrawn since, so not brought back: their ids

    @classmethod
    def from_domain(cls, brand: str, restoration: Restoration) -> "RestorationResponse":
        """As done."""
        return cls(
            brand=brand,
            version=restoration.version,
            brought_back=restoration.brought_back,
            set_aside=restoration.set_aside,
            lost=[reference.id for reference in restoration.lost],
        )
