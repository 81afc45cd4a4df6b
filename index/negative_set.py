"""A brand's negative references and their rules of admission: none is a genuine reference too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from index.intake import TakenIn
from index.reference_set import Upload, admit
from index.store import NegativeKind, Store
from vision.errors import FormInvalid, NegativeIsGenuine

KINDS: tuple[NegativeKind, ...] = get_args(NegativeKind)


def kind_of(word: str | None) -> NegativeKind:
    """The kind that a word names; `FormInvalid`."""
    known = next((kind for kind in KINDS if kind == word), None)
    if known is None:
        raise FormInvalid(f"`kind` is {word!r}. Send one of {', '.join(KINDS)}.")
    return known


def take_in(store: Store, brand: str, kind: NegativeKind, uploads: Sequence[Upload]) -> TakenIn:
    """Admit uploads to a brand's negative references, judged together; `BrandUnknown`, `TooManyNegatives`."""
    genuine = {reference.sha256 for reference in store.references(brand)}
    known = [negative.photo for negative in store.negatives.of(brand)]
    admission = admit(known, [_unless_genuine(upload, genuine) for upload in uploads])
    return TakenIn(admission, store.negatives.put(brand, kind, admission.additions))


def _unless_genuine(upload: Upload, genuine: set[str]) -> Upload:
    """The upload, refused where the brand's set holds the very photo."""
    if upload.look is None or upload.look.sha256 not in genuine:
        return upload
    fault = NegativeIsGenuine(
        f"{upload.name[:80]!r} is a genuine reference of the brand; withdraw or switch it off there first"
    )
    return replace(upload, look=None, fault=fault)
