"""Brands and their references over the wire."""

from datetime import datetime
from urllib.parse import quote

from pydantic import Field

from index.metadata import Kind
from index.reference_set import FileResult, Note, Status
from index.store import Brand, Reference
from serve.schemas.inspections import PhotoError
from serve.schemas.wire import Box, Wire


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
    notes: list[Note] = Field(default=[])  # on quality
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
