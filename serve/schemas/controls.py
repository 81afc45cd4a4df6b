"""What goes over the wire about a brand's control over its references."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from index.store import Change, Negative, NegativeKind, Standing, StandingName
from serve.schemas.brands import FileResponse
from serve.schemas.wire import Wire


class SwitchResponse(Wire):
    """A reference switched off or on; in effect once /ready shows `gallery_store_version` >= `version`, off sooner."""

    brand: str
    reference: str
    version: int  # of the store, and of the set
    changed: bool  # false where it was so already


class StandingResponse(Wire):
    """Why a reference is out of the set, or why the match budget leaves it alone."""

    reference: str
    standing: StandingName
    since: datetime
    detail: str

    @classmethod
    def from_domain(cls, standing: Standing) -> "StandingResponse":
        """As noted."""
        return cls(reference=standing.id, standing=standing.standing, since=standing.since, detail=standing.detail)


class StandingsResponse(Wire):
    """All that is noted of a brand's references."""

    brand: str
    standings: list[StandingResponse]  # oldest first


class NegativeResponse(Wire):
    """A mark that the brand does not want flagged."""

    id: str
    kind: NegativeKind
    sha256: str
    name: str
    width: int  # pixels
    height: int
    added_at: datetime
    image: str  # path of the photo as uploaded

    @classmethod
    def from_domain(cls, negative: Negative) -> "NegativeResponse":
        """As stored."""
        photo = negative.photo
        return cls(
            id=photo.id,
            kind=negative.kind,
            sha256=photo.sha256,
            name=photo.name,
            width=photo.width,
            height=photo.height,
            added_at=photo.added,
            image=f"/v1/brands/{quote(photo.brand)}/negatives/{photo.id}/image",
        )


class NegativesResponse(Wire):
    """A brand's negative references."""

    brand: str
    negatives: list[NegativeResponse]

    @classmethod
    def from_domain(cls, brand: str, negatives: Sequence[Negative]) -> "NegativesResponse":
        """In the order added."""
        return cls(brand=brand, negatives=[NegativeResponse.from_domain(each) for each in negatives])


class NegativeUploadResponse(Wire):
    """Negative references that are durable; in effect once /ready shows `gallery_store_version` >= `version`."""

    brand: str
    version: int
    accepted: int
    files: list[FileResponse]


class NegativeWithdrawalResponse(Wire):
    """A negative reference that is gone; in effect once /ready shows `gallery_store_version` >= `version`."""

    brand: str
    version: int
    withdrawn: int

    @classmethod
    def from_domain(cls, brand: str, change: Change) -> "NegativeWithdrawalResponse":
        """As done."""
        return cls(brand=brand, version=change.version, withdrawn=change.count)
