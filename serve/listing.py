"""One listing: its photos in, a recorded inspection out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from index.look import fingerprint_of
from index.reference_set import brand_id
from index.store import Arm, Store
from serve import keeping
from serve.auth import Caller
from serve.desk import Inspected
from serve.form import Form, UploadedFile
from serve.schemas.inspections import InspectionResponse, PhotoError, PhotoResponse
from serve.service import Service
from vision.errors import FormInvalid, GalleryDamaged


@dataclass(frozen=True)
class Listing:
    """What the pipeline sends of a listing."""

    files: tuple[UploadedFile, ...]
    claimed_brand: str | None
    unbranded: bool  # it says that it is of no brand
    listing_id: str | None
    seller_id: str | None

    @classmethod
    def of(cls, form: Form) -> "Listing":
        """Out of a form; an empty field is one not sent. Errors: `FormInvalid`, `BrandNameInvalid`."""
        claimed, unbranded = form.fields.get("claimed_brand") or None, _is_unbranded(form)
        if claimed is not None and unbranded:
            raise FormInvalid(f"the listing claims {claimed!r} and to be of no brand. Send one of the two.")
        return cls(
            files=form.files,
            claimed_brand=None if claimed is None else brand_id(claimed),
            unbranded=unbranded,
            listing_id=form.fields.get("listing_id") or None,
            seller_id=form.fields.get("seller_id") or None,
        )


def _is_unbranded(form: Form) -> bool:
    said = (form.fields.get("unbranded") or "false").lower()
    if said not in ("true", "false"):
        raise FormInvalid(f"`unbranded` is {said!r}. Send true or false, or leave it out.")
    return said == "true"


def inspect(listing: Listing, who: Caller, service: Service) -> InspectionResponse:
    """Decide about the listing and put it on record: an answer that was given can be fetched again."""
    try:
        brands = searched(who, service)
        inspected = service.desk.inspect(
            listing.files, listing.claimed_brand, listing.unbranded, brands, listing.listing_id
        )
    except GalleryDamaged:
        service.builder.distrust()
        raise
    if service.desk.current().gallery.brands:  # else there was nothing to embed for
        service.canary.heard()
    service.warden.count(inspected.verdict)
    response = respond(listing, inspected, judged_by(listing, inspected, service.store))
    with service.metrics.stage("record"):
        answer, evidence = response.model_dump_json(), inspected.evidence
        service.store.inspections.put(
            response.id,
            answer,
            evidence,
            listing.listing_id,
            organisation=who.organisation,
            within=who.brand,
            fingerprints=[fingerprint_of(photo.pixels) for photo in inspected.readable.photos],
            drawn=inspected.by.drawn(listing.listing_id, brands),
        )
        keeping.keep(listing.files, inspected, response, brands is None, service.store, service.settings)
    return response


def searched(who: Caller, service: Service) -> frozenset[str] | None:
    """The brands that the caller's listings are held against; None for all."""
    if who.may("inspect:all"):
        return None
    return frozenset(brand.id for brand in service.store.brands() if who.tends(brand))


@dataclass(frozen=True)
class JudgedBy:
    """Which version of a brand's set a verdict is by."""

    set_version: int | None  # None where no brand was recognised
    arm: Arm | None = None  # where the set is being rolled out


def judged_by(listing: Listing, inspected: Inspected, store: Store) -> JudgedBy:
    """What the verdict is by."""
    brand, snapshot = inspected.verdict.brand, inspected.by
    if brand is None:
        return JudgedBy(None)
    drawn = snapshot.drawn_for(brand, listing.listing_id)
    if drawn is not None:
        return JudgedBy(drawn.version, drawn.arm)
    return JudgedBy(store.versions.newest(brand, snapshot.gallery.store_version))


def respond(listing: Listing, inspected: Inspected, by: JudgedBy) -> InspectionResponse:
    """The inspection as it is answered and recorded."""
    name = str(uuid4())
    return InspectionResponse.from_domain(
        inspected.verdict,
        photos_as_sent(listing, inspected),
        inspected.readable.places,
        inspection=name,
        created_at=datetime.now(UTC),
        claimed_brand=listing.claimed_brand,
        unbranded=listing.unbranded,
        listing_id=listing.listing_id,
        seller_id=listing.seller_id,
        set_version=by.set_version,
        arm=by.arm,
        evidence=None if inspected.evidence is None else f"/v1/inspections/{name}/evidence",
    )


def photos_as_sent(listing: Listing, inspected: Inspected) -> list[PhotoResponse]:
    """A photo each, those that could not be read with their error."""
    errors = {f.index: PhotoError(code=f.code, detail=f.detail) for f in inspected.readable.faults}
    return [PhotoResponse(name=file.name, error=errors.get(place)) for place, file in enumerate(listing.files)]
