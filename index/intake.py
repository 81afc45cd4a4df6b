"""Intake: files a brand uploads, judged together, what is admitted made durable, what was damaged mended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.reference_set import Admission, Status, Upload, admit
from index.store import Change, Claim, Receipt, Store


@dataclass(frozen=True)
class TakenIn:
    """An upload that is durable."""

    admission: Admission
    change: Change


def take_in(store: Store, brand: str, uploads: Sequence[Upload]) -> TakenIn:
    """Admit uploads to a brand's set; `BrandUnknown`."""
    admission = _judged(store, brand, uploads)
    return TakenIn(admission, store.put_references(brand, admission.additions))


def take_in_once(
    store: Store, brand: str, uploads: Sequence[Upload], claim: Claim, answer: Callable[[TakenIn], str]
) -> str:
    """`take_in` and what is answered, kept in the same transaction; if this claim was answered before, that answer.

    Errors: `BrandUnknown`, `IdempotencyKeyReused`.
    """
    admission = _judged(store, brand, uploads)
    receipt = Receipt(claim, lambda change: answer(TakenIn(admission, change)))
    store.put_references(brand, admission.additions, receipt)
    kept = store.answer(brand, claim)
    assert kept is not None  # just stored, by us or by whoever took the same request in before
    return kept


def _judged(store: Store, brand: str, uploads: Sequence[Upload]) -> Admission:
    admission = admit(store.references(brand), uploads)
    sent = zip(uploads, admission.results, strict=True)
    again = {upload.look.sha256: upload.data for upload, r in sent if upload.look and r.status is Status.DUPLICATE}
    store.mend(again)
    return admission
