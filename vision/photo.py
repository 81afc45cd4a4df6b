"""The door for photographs: bytes become a `Photo` once, upright, in sRGB and bounded; inside, nobody checks again.

Accepted are JPEG, PNG, WebP, AVIF and GIF, told by their bytes and never by a name; of an animation the first
frame. Size is read from the header and judged before a pixel is decoded.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

from vision import signature
from vision.errors import (
    ConfigurationError,
    PhotoEmpty,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoTruncated,
    PhotoUnreadable,
)

_ORIENTATION_TAG: Final = 0x0112  # EXIF
_UPRIGHT: Final = {  # EXIF orientation -> what puts the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MAX_SCANS: Final = 100  # of a progressive JPEG; encoders write about ten, and each costs a pass over the picture


@dataclass(frozen=True)
class PhotoLimits:
    """What a photo may be at most, and at least, to be looked at."""

    max_bytes: int = 20 * 2**20
    max_pixels: int = 40_000_000
    min_side_px: int = 32

    def __post_init__(self) -> None:
        for name in ("max_bytes", "max_pixels", "min_side_px"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} is {getattr(self, name)}; it must be at least 1")


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photograph. `pixels` cannot be written to."""

    pixels: NDArray[np.uint8]  # [H, W, 3] sRGB, upright
    sha256: str  # of the bytes it came in
    format: str  # jpeg | png | webp | avif | gif: `image/{format}` is its media type

    @property
    def width(self) -> int:
        """Width in pixels, upright."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels, upright."""
        return int(self.pixels.shape[0])

    def fit(self, max_side_px: int) -> Self:
        """A copy averaged down so that the longer side is `max_side_px`; itself when it fits already."""
        longer = max(self.width, self.height)
        if longer <= max_side_px:
            return self
        width, height = (max(1, round(side * max_side_px / longer)) for side in (self.width, self.height))
        smaller = cv2.resize(self.pixels, (width, height), interpolation=cv2.INTER_AREA)
        return type(self)(_sealed(np.asarray(smaller, np.uint8)), self.sha256, self.format)


def decode(data: bytes, limits: PhotoLimits = PhotoLimits()) -> Photo:
    """Decode a photo, or refuse it by name.

    Errors: `PhotoEmpty`, `PhotoTooLarge`, `PhotoTooSmall`, `PhotoFormatUnsupported`, `PhotoNotImage`,
    `PhotoTruncated`, `PhotoUnreadable`.
    """
    _check_bytes(data, limits)
    kind = signature.identify(data)
    image = _open(data, kind)
    _check_size(image.width, image.height, limits)
    try:
        image.load()
        upright = _upright(_to_srgb(image), _orientation(image))
    except Exception as fault:  # the decoders' faults share no base class: OSError, SyntaxError, ValueError, ...
        raise _damaged(data, kind, fault) from fault
    return Photo(_sealed(np.asarray(upright)), hashlib.sha256(data).hexdigest(), kind)


# --- bounds --------------------------------------------------------------------------------------


def _check_bytes(data: bytes, limits: PhotoLimits) -> None:
    if not data:
        raise PhotoEmpty("the photo has 0 bytes; send the file's content")
    if len(data) > limits.max_bytes:
        raise PhotoTooLarge(
            f"the photo has {len(data):,} bytes, the limit is {limits.max_bytes:,}; save it smaller or compress it more"
        )


def _check_size(width: int, height: int, limits: PhotoLimits) -> None:
    if width * height > limits.max_pixels:
        raise PhotoTooLarge(
            f"the photo is {width:,} x {height:,} = {width * height:,} pixels, the limit is {limits.max_pixels:,}; "
            "scale it down"
        )
    if min(width, height) < limits.min_side_px:
        raise PhotoTooSmall(
            f"the photo is {width:,} x {height:,} pixels, its shorter side must have at least {limits.min_side_px}; "
            "send a larger one"
        )


# --- decoding ------------------------------------------------------------------------------------


def _open(data: bytes, kind: signature.Kind) -> ImageFile.ImageFile:
    """Read the header. The plugin is called by itself, since `Image.open` applies one pixel limit to the process."""
    _check_scans(data, kind)
    try:
        return signature.plugin(kind)(io.BytesIO(data))
    except Exception as fault:  # as in `decode`
        raise _damaged(data, kind, fault) from fault


def _check_scans(data: bytes, kind: signature.Kind) -> None:
    scans = data.count(b"\xff\xda") if kind == "jpeg" else 0
    if scans > _MAX_SCANS:
        raise PhotoUnreadable(
            f"the JPEG has {scans:,} scans, the limit is {_MAX_SCANS}; save it again as an ordinary JPEG"
        )


def _damaged(data: bytes, kind: signature.Kind, fault: Exception) -> PhotoUnreadable:
    if signature.ends_early(data, kind):
        return PhotoTruncated(
            f"the {kind.upper()} ends before its picture does, after {len(data):,} bytes; send the whole file"
        )
    return PhotoUnreadable(f"the {kind.upper()} is damaged ({fault}); save it again from its source")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # malformed metadata says nothing about the picture, which is good
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else image.transpose(turn)


# --- colour --------------------------------------------------------------------------------------


def _to_srgb(image: Image.Image) -> Image.Image:
    """The picture in RGB mode, its colour profile applied, transparency laid on white."""
    image = _eight_bit(image)
    if not image.has_transparency_data:
        return _profiled(image)
    layered = image.convert("RGBA")
    alpha = layered.getchannel("A")
    layered = layered.convert("RGB")
    layered.info["icc_profile"] = image.info.get("icc_profile")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(_profiled(layered), mask=alpha)
    return white


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit grey to 8 bits; Pillow itself would clip it. Other depths are reduced by its decoders."""
    if not image.mode.startswith("I"):
        return image
    grey = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    grey.info["icc_profile"] = image.info.get("icc_profile")
    return grey


def _profiled(image: Image.Image) -> Image.Image:
    """To sRGB by the embedded profile; a profile that is broken or fits another colour space is left aside."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
        else:
            if converted is not None:
                return converted
    return image.convert("RGB")


def _sealed(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels.setflags(write=False)
    return pixels
