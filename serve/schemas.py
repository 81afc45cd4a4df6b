"""What goes over the wire. Wire types are not domain types; each is made by `from_domain` where one exists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from index.metadata import Kind
from index.reference_set import FileResult, Note, Status
from index.store import Arm, Brand, Reference
from vision.verdict import Decision, Finding, Reason, ReasonCode, Verdict

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions 0..1 of the photo


class Wire(BaseModel):
    """Closed and immutable, as everything on the wire is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- problems -----------------------------------------------------------------------------------


class FileFault(Wire):
    """What was wrong with one of the files sent."""

    index: int
    name: str
    code: str
    detail: str


class RequestFault(Wire):
    """What was wrong with one value of a request."""

    where: str
    detail: str


class Problem(Wire):
    """RFC 9457 problem details. `code` is stable; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str  # urn:uuid of this request; the log has it too
    files: list[FileFault] | None = None  # each file that was refused
    faults: list[RequestFault] | None = None  # each value that does not fit


# --- inspections --------------------------------------------------------------------------------


class PhotoError(Wire):
    """Why one photo could not be looked at."""

    code: str
    detail: str


class RegionResponse(Wire):
    """One mark found."""

    box: Box
    brand: str
    divergence: float  # larger = less like the genuine
    nearest_reference: str
    recognition: float  # larger = surer that this is the brand's mark
    source: str  # what proposed the region
    source_score: float | None = None  # 0..1, how sure that was

    @classmethod
    def from_domain(cls, finding: Finding) -> "RegionResponse":
        """As found."""
        return cls(
            box=finding.box,
            brand=finding.brand,
            divergence=finding.divergence,
            nearest_reference=finding.nearest_reference,
            recognition=finding.recognition,
            source=finding.source,
            source_score=finding.source_score,
        )


class PhotoResponse(Wire):
    """One photo as sent, in the order sent: the marks found in it, or why it could not be read."""

    name: str
    regions: list[RegionResponse] = []
    copy_of: int | None = None  # index into `photos` of the one that it is a copy of, which was looked at for both
    error: PhotoError | None = None


class ReasonResponse(Wire):
    """One named reason."""

    code: ReasonCode
    detail: str
    photo: int | None = None  # index into `photos`
    box: Box | None = None
    reference: str | None = None  # of a known look-alike: the negative reference that it resembles

    @classmethod
    def from_domain(cls, reason: Reason, sent: Sequence[int]) -> "ReasonResponse":
        """`sent` is the place among the photos sent of each photo that was inspected."""
        photo = None if reason.photo is None else sent[reason.photo]
        return cls(code=reason.code, detail=reason.detail, photo=photo, box=reason.box, reference=reason.reference)


class InspectionResponse(Wire):
    """The verdict about one listing. No answer says "counterfeit"; a person judges."""

    id: str
    created_at: datetime
    decision: Decision
    brand: str | None  # best recognised brand; null when unrecognised
    score: float | None  # nonconformity, larger = less like the genuine references
    p_value: float | None
    alpha: float  # allowed share of genuine listings flagged
    n: int  # independent calibration units
    source: str  # where the calibration came from
    bound: float | None  # 95% upper bound on the false-flag rate
    reasons: list[ReasonResponse]
    photos: list[PhotoResponse]
    gallery_version: str
    embedder: str
    set_version: int | None = None  # of the brand's set that judged; null where none was recognised
    arm: Arm | None = None  # which of two versions that is, where the set is being rolled out
    claimed_brand: str | None = None
    unbranded: bool = False  # the listing says that it is of no brand
    listing_id: str | None = None
    seller_id: str | None = None
    evidence: str | None = None  # path of the evidence picture; null where no mark was found

    @classmethod
    def from_domain(
        cls,
        verdict: Verdict,
        photos: Sequence[PhotoResponse],
        sent: Sequence[int],
        *,
        inspection: str,
        created_at: datetime,
        claimed_brand: str | None,
        unbranded: bool,
        listing_id: str | None,
        seller_id: str | None,
        set_version: int | None,
        arm: Arm | None,
        evidence: str | None,
    ) -> "InspectionResponse":
        """`photos` as sent, those that failed with their error; `sent` places the verdict's photos among them."""
        filled = list(photos)
        for place, found in zip(sent, verdict.photos, strict=True):
            regions = [RegionResponse.from_domain(finding) for finding in found.regions]
            copy_of = None if found.copy_of is None else sent[found.copy_of]
            filled[place] = filled[place].model_copy(update={"regions": regions, "copy_of": copy_of})
        return cls(
            id=inspection,
            created_at=created_at,
            decision=verdict.decision,
            brand=verdict.brand,
            score=verdict.score,
            p_value=verdict.rate.p_value,
            alpha=verdict.rate.alpha,
            n=verdict.rate.n,
            source=verdict.rate.source,
            bound=verdict.rate.bound,
            reasons=[ReasonResponse.from_domain(reason, sent) for reason in verdict.reasons],
            photos=filled,
            gallery_version=verdict.gallery_version,
            embedder=verdict.embedder,
            claimed_brand=claimed_brand,
            unbranded=unbranded,
            listing_id=listing_id,
            seller_id=seller_id,
            set_version=set_version,
            arm=arm,
            evidence=evidence,
        )


# --- brands and references ----------------------------------------------------------------------


class BrandRequest(Wire):
    """What to know of a brand. All of it optional."""

    name: str | None = Field(None, min_length=1, max_length=200)  # as people write it; default: the id
    issue_key: bool = False  # also make a key for the brand's own team
    organisation: str | None = None  # whose it is to be (operator); default: as it is, or the operator's


class BrandResponse(Wire):
    """A brand and how many references it has."""

    brand: str
    name: str
    references: int
    created_at: datetime
    organisation: str
    key: str | None = None  # shown this once, when asked for

    @classmethod
    def from_domain(cls, brand: Brand, key: str | None = None) -> "BrandResponse":
        """As stored."""
        return cls(
            brand=brand.id,
            name=brand.name,
            references=brand.references,
            created_at=brand.created,
            organisation=brand.organisation,
            key=key,
        )


class BrandsResponse(Wire):
    """The brands the caller may see."""

    brands: list[BrandResponse]


class FileResponse(Wire):
    """What became of one uploaded file. `accepted` and `near_duplicate` are kept."""

    name: str
    status: Status
    reference: str | None  # its id when kept; of a duplicate, the id of the one it repeats
    resembles: str | None = None  # of a near duplicate: the reference it looks like
    notes: list[Note] = []  # on quality
    error: PhotoError | None = None  # when refused

    @classmethod
    def from_domain(cls, result: FileResult) -> "FileResponse":
        """As judged."""
        fault = result.fault
        return cls(
            name=result.name,
            status=result.status,
            reference=result.reference,
            resembles=result.resembles,
            notes=list(result.notes),
            error=None if fault is None else PhotoError(code=fault.code, detail=str(fault)),
        )


class UploadResponse(Wire):
    """An upload that is durable. It is searchable once /ready shows `gallery_store_version` >= `version`."""

    brand: str
    version: int  # of the store, holding this upload
    accepted: int
    files: list[FileResponse]
    job: str | None = None  # path of the job that looks at the files, where that is not done yet


class MetadataResponse(Wire):
    """What its owner says of a reference."""

    product_line: str | None
    sku: str | None
    view: str | None
    kind: Kind | None
    region: Box | None  # where the mark is


class ReferenceResponse(Wire):
    """One genuine reference photo."""

    id: str
    sha256: str
    name: str
    format: str
    width: int  # pixels
    height: int
    added_at: datetime
    image: str  # path of the photo as uploaded
    metadata: MetadataResponse

    @classmethod
    def from_domain(cls, reference: Reference) -> "ReferenceResponse":
        """As stored."""
        return cls(
            id=reference.id,
            sha256=reference.sha256,
            name=reference.name,
            format=reference.format,
            width=reference.width,
            height=reference.height,
            added_at=reference.added,
            image=f"/v1/brands/{quote(reference.brand)}/references/{reference.id}/image",
            metadata=MetadataResponse(**vars(reference.metadata)),
        )


class ReferencesResponse(Wire):
    """A brand's reference set, and whether it is searched as it is."""

    brand: str
    version: int  # of the store
    searchable: bool  # the gallery in service holds every change up to this version
    references: list[ReferenceResponse]


class WithdrawalResponse(Wire):
    """References withdrawn; not matched any more once /ready shows `gallery_store_version` >= `version`."""

    brand: str
    version: int
    withdrawn: int


# --- health -------------------------------------------------------------------------------------


class HealthResponse(Wire):
    """The process runs and answers."""

    status: Literal["alive"] = "alive"


class ReadyResponse(Wire):
    """A photo was just decoded and embedded, and the gallery in service is fresh."""

    status: Literal["ready"] = "ready"
    gallery_version: str
    gallery_store_version: int  # every change up to this store version is searchable
    store_version: int
    put_to_searchable_s: float | None  # of the last change made here
    canary_age_s: float  # since a photo last went through decode and embedding
    embedder: str
    brands: int
    unreadable_references: int  # left out of the gallery, since their photos are damaged; the log names them
