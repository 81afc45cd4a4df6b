"""Brands and their reference sets: every change is durable in the store before it is answered, searchable soon."""

import hashlib
from collections.abc import Sequence
from functools import partial

from index import counterfeits
from index.intake import TakenIn, take_in, take_in_once
from index.keys import issue
from index.metadata import FIELDS, Metadata, read
from index.metadata_table import read_table
from index.reference_set import Status, Upload, brand_id, receive
from index.store import Brand, Change, Claim, Grant, Store
from serve.auth import Caller, brand_of, require_scope
from serve.form import Form
from serve.schemas.brands import (
    BrandRequest,
    BrandResponse,
    FileResponse,
    ReferenceResponse,
    ReferencesResponse,
    UploadResponse,
    WithdrawalResponse,
)
from serve.service import Service
from vision.errors import Fault, FilesRefused, MetadataInvalid

TABLE = "table"  # part of the form: metadata, a row a file
KEPT = (Status.ACCEPTED, Status.NEAR_DUPLICATE)


def put_brand(brand: str, body: BrandRequest, who: Caller, service: Service) -> BrandResponse:
    """Create or rename a brand, and issue a key to its team when asked.

    Which brands there are and whose they are is the operator's word: else whoever came first could take a name, and
    asking for names would tell which are taken.
    """
    store, named = service.store, brand_id(brand)
    if body.organisation is not None:
        require_scope(who, "operator")
    if not who.may("operator"):
        brand_of(who, named, store)
    stored = store.put_brand(named, body.name, body.organisation)
    service.builder.changed(store.version())
    return BrandResponse.from_domain(stored, team_key(stored, store) if body.issue_key else None)


def team_key(brand: Brand, store: Store) -> str:
    """A new key for the team of one brand."""
    return issue(store, Grant(brand.organisation, ("references:read", "references:write"), brand.id)).secret


def brands(who: Caller, service: Service) -> list[BrandResponse]:
    """The caller's own brands; to the operator, all."""
    return [BrandResponse.from_domain(brand) for brand in service.store.brands() if who.tends(brand)]


def enrol(brand: str, form: Form, key: str | None, service: Service) -> str:
    """Judge all files together and keep what is admitted; the `UploadResponse` as JSON tells what is wrong with others.

    An upload that came before with the same key is answered as it was then, and not done again.
    Errors: `FilesRefused` when nothing can be used, `MetadataInvalid`, `IdempotencyKeyReused`.
    """
    claim = None if key is None else Claim(key, digest(form))
    answered = None if claim is None else service.store.answer(brand, claim)
    if answered is not None:
        return answered
    said = described(form)
    received = [receive(f.name, f.data, service.desk.limits, m) for f, m in zip(form.files, said, strict=True)]
    received = counterfeits.sifted(received, counterfeits.known(service.store, brand))
    refuse_all_bad(received)
    if claim is None:
        answer = uploaded(brand, take_in(service.store, brand, received))
    else:
        answer = take_in_once(service.store, brand, received, claim, partial(uploaded, brand))
    service.builder.changed(UploadResponse.model_validate_json(answer).version)
    return answer


def digest(form: Form) -> str:
    """Names an upload by all that was sent: its files with their names, in their order, and what is said of them."""
    whole = hashlib.sha256()
    for file in (*form.files, *form.documents.values()):
        for part in (file.name.encode(), file.data):
            whole.update(hashlib.sha256(part).digest())
    if form.fields:
        whole.update(repr(sorted(form.fields.items())).encode())
    return whole.hexdigest()


def described(form: Form) -> list[Metadata]:
    """What is said of each file: by the table's row, and where that says nothing by the form's fields.

    Errors: `MetadataInvalid` with all that is wrong.
    """
    default, wrong = read({name: form.fields[name] for name in FIELDS if name in form.fields})
    faults = [("form", fault) for fault in wrong]
    names = [file.name for file in form.files]
    found = [Metadata()] * len(names)
    if TABLE in form.documents:
        try:
            found = read_table(form.documents[TABLE].name, form.documents[TABLE].data).of(names)
        except MetadataInvalid as fault:
            faults += fault.faults
    if faults:
        raise MetadataInvalid(faults)
    return [each.over(default) for each in found]


def uploaded(brand: str, taken: TakenIn) -> str:
    """What an upload is answered."""
    results = taken.admission.results
    return UploadResponse(
        brand=brand,
        version=taken.change.version,
        accepted=sum(result.status in KEPT for result in results),
        files=[FileResponse.from_domain(result) for result in results],
    ).model_dump_json()


def refuse_all_bad(received: Sequence[Upload]) -> None:
    """Refuse an upload of which no file is a photo."""
    faults = [Fault(i, u.name, u.fault.code, str(u.fault)) for i, u in enumerate(received) if u.fault is not None]
    if len(faults) == len(received):
        raise FilesRefused(f"none of the {len(received)} files can be read. Each is named in `files`.", faults)


def references(brand: str, service: Service) -> ReferencesResponse:
    """A brand's set. The version is read first, so that `searchable` never claims too much."""
    version = service.store.version()
    return ReferencesResponse(
        brand=brand,
        version=version,
        searchable=service.builder.searchable_version >= version,
        references=[ReferenceResponse.from_domain(reference) for reference in service.store.references(brand)],
    )


def withdraw(brand: str, reference: str, service: Service) -> WithdrawalResponse:
    """Forget one reference."""
    return withdrawn(brand, service.store.withdraw(brand, reference), service)


def withdraw_all(brand: str, service: Service) -> WithdrawalResponse:
    """Forget them all."""
    return withdrawn(brand, service.store.withdraw_all(brand), service)


def withdrawn(brand: str, change: Change, service: Service) -> WithdrawalResponse:
    """The change made, and soon in the gallery."""
    service.builder.changed(change.version)
    return WithdrawalResponse(brand=brand, version=change.version, withdrawn=change.count)
