"""Every error Touchstone raises on purpose, on one page, each with a stable code.

They are raised where the fault is known and caught in two places only: `serve/problems.py` turns them
into problem+json, `cli/app.py` into exit codes. A message says what is wrong, the value, the limit and
the remedy.
"""

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


# --- photographs and other input (exit 3) -------------------------------------------------------


class InputRefused(TouchstoneError):
    """Something the caller sent that cannot be accepted; sending it again will not help."""

    code = "input_refused"
    exit_code = 3
    status = 422


class PhotoUnreadable(InputRefused):
    """Bytes that are no image, or one that is damaged."""

    code = "photo_unreadable"


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


class InspectionUnknown(InputRefused):
    """An inspection that was never made, or whose record has expired."""

    code = "inspection_unknown"
    status = 404


class ListingsInvalid(InputRefused):
    """A listings table whose columns or values cannot be used."""

    code = "listings_invalid"
