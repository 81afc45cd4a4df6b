"""Every error Touchstone raises on purpose, on one page, each with a stable code.

They are raised where the fault is known and caught in two places only: `serve/problems.py` turns them
into problem+json, `cli/app.py` into exit codes. A message says what is wrong, the value, the limit and
the remedy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class TouchstoneError(Exception):
    """A fault with a name. `code` is stable; `exit_code` and `status` say who can mend it."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1  # 1 our fault, 2 usage or configuration, 3 input refused
    status: ClassVar[int] = 500  # the HTTP status it becomes


# --- configuration (exit 2) ---------------------------------------------------------------------


class ConfigurationError(TouchstoneError):
    """A setting or a command's argument that cannot be used."""

    code = "configuration"
    exit_code = 2


class BundleInvalid(ConfigurationError):
    """A model bundle that is absent, incomplete or altered."""

    code = "bundle_invalid"


class FingerprintMismatch(ConfigurationError):
    """Vectors, gallery or calibration made by another model than the one loaded."""

    code = "fingerprint_mismatch"


class OutputExists(ConfigurationError):
    """A result folder that already holds results."""

    code = "output_exists"


class BatchNotComparable(ConfigurationError):
    """A batch whose p-values come from several calibration sets, so that no false discovery rate can be kept."""

    code = "batch_not_comparable"


class WeightsUnavailable(ConfigurationError):
    """Pretrained weights that are not here and cannot be downloaded from here."""

    code = "weights_unavailable"


class CheckpointRefused(ConfigurationError):
    """A checkpoint that is unsafe to read, damaged, or of another network."""

    code = "checkpoint_refused"


class ExportRefused(TouchstoneError):
    """An exported model that does not say what the trained one says."""

    code = "export_refused"


# --- the data folder: store and gallery -----------------------------------------------------------


class StoreIncompatible(ConfigurationError):
    """A store written by a release with another schema."""

    code = "store_incompatible"


class StoreOutdated(ConfigurationError):
    """A database of an older schema, which is changed only when asked for: `touchstone migrate`."""

    code = "store_outdated"


class StoreUnavailable(TouchstoneError):
    """A database that does not answer now; trying again later will help."""

    code = "store_unavailable"
    status = 503


class StoreDamaged(TouchstoneError):
    """A database whose files are altered."""

    code = "store_damaged"


class StorageFull(TouchstoneError):
    """No room left for rows or photos; nothing that was acknowledged is touched."""

    code = "storage_full"
    status = 507


class StorageReadOnly(TouchstoneError):
    """Rows or photos that cannot be written where they are kept."""

    code = "storage_read_only"
    status = 503


class BlobDamaged(TouchstoneError):
    """A stored photo whose bytes are gone or altered."""

    code = "blob_damaged"


class GalleryAbsent(ConfigurationError):
    """A folder without a gallery, where one is needed."""

    code = "gallery_absent"


class GalleryDamaged(TouchstoneError):
    """A gallery whose files are incomplete or altered; it is derived, and is built again from the store."""

    code = "gallery_damaged"
    status = 503


class BuildInterrupted(TouchstoneError):
    """A build whose process ended before it was done; another is started, and goes on where it was."""

    code = "build_interrupted"
    status = 503


# --- photographs and other input (exit 3) -------------------------------------------------------


class InputRefused(TouchstoneError):
    """Something the caller sent that cannot be accepted; sending it again will not help."""

    code = "input_refused"
    exit_code = 3
    status = 422


class PhotoUnreadable(InputRefused):
    """An image that is damaged."""

    code = "photo_unreadable"


class PhotoEmpty(PhotoUnreadable):
    """A photo of no bytes."""

    code = "photo_empty"


class PhotoNotImage(PhotoUnreadable):
    """A file of another kind under an image's name: a web page, a document, an archive."""

    code = "photo_not_image"
    status = 415


class PhotoTruncated(PhotoUnreadable):
    """An image whose data ends before its picture does."""

    code = "photo_truncated"


class PhotoFormatUnsupported(InputRefused):
    """A real image of a format that is not accepted."""

    code = "photo_format_unsupported"
    status = 415


class PhotoTooLarge(InputRefused):
    """An image of more bytes or pixels than the limit."""

    code = "photo_too_large"
    status = 413


class PhotoTooSmall(InputRefused):
    """An image whose shorter side is below the limit."""

    code = "photo_too_small"


class BrandNameInvalid(InputRefused):
    """A brand id outside the accepted characters or length."""

    code = "brand_name_invalid"


class BrandUnknown(InputRefused):
    """A brand that is not enrolled."""

    code = "brand_unknown"
    status = 404


class ReferenceUnknown(InputRefused):
    """A reference that the brand does not have."""

    code = "reference_unknown"
    status = 404


class TooManyNegatives(InputRefused):
    """More negative references than a brand may have."""

    code = "too_many_negatives"


class NegativeIsGenuine(InputRefused):
    """A negative reference that the brand's set holds as a genuine one."""

    code = "negative_is_genuine"


class RolloutAbsent(InputRefused):
    """A brand that has no roll-out under way."""

    code = "rollout_absent"
    status = 409


class RolloutUnderWay(InputRefused):
    """A roll-out from another baseline than the one under way."""

    code = "rollout_under_way"
    status = 409


class TooManyRollouts(InputRefused):
    """More roll-outs than an organisation may have under way."""

    code = "too_many_rollouts"


class VersionUnknown(InputRefused):
    """A version that a brand's reference set never had."""

    code = "version_unknown"
    status = 404


class InspectionUnknown(InputRefused):
    """An inspection that was never made, or whose record has expired."""

    code = "inspection_unknown"
    status = 404


class OrganisationNameInvalid(InputRefused):
    """An organisation's id outside the accepted characters or length."""

    code = "organisation_name_invalid"


class OrganisationUnknown(InputRefused):
    """An organisation that is not there."""

    code = "organisation_unknown"
    status = 404


class IssuedKeyUnknown(InputRefused):
    """The id of a key that the organisation was never issued."""

    code = "issued_key_unknown"
    status = 404


class KeyEnded(InputRefused):
    """A key to be rotated that opens nothing any more."""

    code = "key_ended"
    status = 409


class GrantInvalid(InputRefused):
    """A key to be made whose scopes, brand or times make no sense together."""

    code = "grant_invalid"


class FolderInvalid(InputRefused):
    """A folder of reference sets that cannot be enrolled."""

    code = "folder_invalid"


class MetadataInvalid(InputRefused):
    """Metadata of reference photos with faulty values, or of files that were not sent; `faults` has each."""

    code = "metadata_invalid"

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        self.faults = tuple(faults)  # where, and what is wrong
        more = f" (and {len(self.faults) - 5} more)" if len(self.faults) > 5 else ""
        super().__init__("; ".join(f"{where}: {what}" for where, what in self.faults[:5]) + more)


class ArchiveUnreadable(InputRefused):
    """A zip that is none, or damaged, or a damaged file in one."""

    code = "archive_unreadable"


class ArchiveTooLarge(InputRefused):
    """A zip of more bytes, files or unpacked bytes than the limit, or packed too tightly to be photos."""

    code = "archive_too_large"
    status = 413


class ArchiveUnsafe(InputRefused):
    """A zip with links, names that lead out of it, encryption or files that share their bytes."""

    code = "archive_unsafe"


class ArchiveNested(InputRefused):
    """A zip inside a zip."""

    code = "archive_nested"


class JobUnknown(InputRefused):
    """An upload job that was never begun, or is not the caller's."""

    code = "job_unknown"
    status = 404


class AnswerUnknown(InputRefused):
    """An idempotency key under which no answer is kept."""

    code = "answer_unknown"
    status = 404


class AnotherBrandsMark(InputRefused):
    """A reference photo that shows the mark of another enrolled brand."""

    code = "reference_other_brand"


class ConfirmedCounterfeit(InputRefused):
    """A reference photo that looks like one of a listing that was confirmed to be counterfeit."""

    code = "reference_counterfeit"


class ListingsInvalid(InputRefused):
    """A listings table whose columns or values cannot be used."""

    code = "listings_invalid"


class ManifestInvalid(InputRefused):
    """A manifest or shards of training photographs with faulty rows."""

    code = "manifest_invalid"


# --- the HTTP service: who calls, and the form they send -------------------------------------------


class KeyMissing(InputRefused):
    """A request without an API key."""

    code = "key_missing"
    status = 401


class KeyUnknown(InputRefused):
    """A request with an API key that was never issued, or is no longer accepted."""

    code = "key_unknown"
    status = 401


class KeyExpired(InputRefused):
    """A request with a key whose time is over."""

    code = "key_expired"
    status = 401


class KeyRevoked(InputRefused):
    """A request with a key that was revoked."""

    code = "key_revoked"
    status = 401


class ScopeMissing(InputRefused):
    """A key that lacks the scope for what it asks."""

    code = "scope_missing"
    status = 403


class EvidenceAbsent(InputRefused):
    """An inspection that has no evidence picture, since no mark was found in it."""

    code = "evidence_absent"
    status = 404


class IdempotencyKeyReused(InputRefused):
    """An idempotency key that came with another upload before."""

    code = "idempotency_key_reused"


class FormInvalid(InputRefused):
    """A multipart form with missing, repeated, unknown or malformed parts."""

    code = "form_invalid"


class FormTypeUnsupported(InputRefused):
    """A body that is not `multipart/form-data` where a form is expected."""

    code = "form_type_unsupported"
    status = 415


class FileTooLarge(InputRefused):
    """One uploaded file of more bytes than the limit."""

    code = "file_too_large"
    status = 413


class TooManyFiles(InputRefused):
    """A form of more files than the limit."""

    code = "too_many_files"
    status = 413


class BodyTooLarge(InputRefused):
    """A request body of more bytes than the limit."""

    code = "body_too_large"
    status = 413


class BodyTimeout(InputRefused):
    """A request body that did not arrive in the allowed time."""

    code = "body_timeout"
    status = 408


@dataclass(frozen=True)
class Fault:
    """What was wrong with one of several files sent together."""

    index: int  # position among the files of the request
    name: str  # the file's name as sent
    code: str
    detail: str


class FilesRefused(InputRefused):
    """None of the files sent can be used; `faults` names what is wrong with each."""

    code = "files_refused"

    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


# --- a service, asked from the command line ---------------------------------------------------------


class ServiceRefused(InputRefused):
    """What a service refused that was asked from the command line; its words say why."""

    code = "service_refused"


class ServiceFailed(TouchstoneError):
    """A service that does not answer, or fails, however often it is asked from the command line."""

    code = "service_failed"


# --- the HTTP service: not now (sending it again later will help) -----------------------------------


class Overloaded(TouchstoneError):
    """As much work as the service accepts is already waiting."""

    code = "overloaded"
    status = 503


class NotReady(TouchstoneError):
    """The service is starting, or cannot do its work at the moment."""

    code = "not_ready"
    status = 503
