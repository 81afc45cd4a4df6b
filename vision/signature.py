"""Signatures: what a file is, told by its first bytes, and whether its end is missing."""

from collections.abc import Callable
from typing import Final, Literal

from PIL import AvifImagePlugin, GifImagePlugin, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from vision.errors import PhotoFormatUnsupported, PhotoNotImage

Kind = Literal["jpeg", "png", "webp", "avif", "gif"]

_ACCEPTED: Final = "JPEG, PNG, WebP, AVIF or GIF"
_PLUGINS: Final[dict[Kind, type[ImageFile.ImageFile]]] = {
    "jpeg": JpegImagePlugin.JpegImageFile,
    "png": PngImagePlugin.PngImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "avif": AvifImagePlugin.AvifImageFile,
    "gif": GifImagePlugin.GifImageFile,
}
_KINDS: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_OTHER_IMAGES: Final = (
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})


def identify(data: bytes) -> Kind:
    """The accepted kind of image that the bytes begin.

    Errors: `PhotoFormatUnsupported` for another kind of image, `PhotoNotImage` for anything else.
    """
    kind = _kind(data)
    if kind is None:
        raise _refusal(data)
    return kind


def plugin(kind: Kind) -> Callable[..., ImageFile.ImageFile]:
    """Pillow's reader of one kind of image."""
    return _PLUGINS[kind]


def ends_early(data: bytes, kind: Kind) -> bool:
    """Whether the end that a file of this kind must have is missing."""
    return _ENDS[kind](data)


def _kind(data: bytes) -> Kind | None:
    for magic, kind in _KINDS:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return "avif" if _AVIF_BRANDS & _iso_brands(data) else None


def _iso_brands(data: bytes) -> frozenset[bytes]:
    """Major and compatible brands of an ISO media file; none for another file."""
    if data[4:8] != b"ftyp":
        return frozenset()
    listed = data[8 : min(int.from_bytes(data[:4]), 256)]
    return frozenset(listed[at : at + 4] for at in range(0, len(listed), 4) if at != 4)


# --- refusals ------------------------------------------------------------------------------------


def _refusal(data: bytes) -> PhotoFormatUnsupported | PhotoNotImage:
    name = _other_image(data)
    if name is not None:
        return PhotoFormatUnsupported(f"the file is a {name} image; save it as {_ACCEPTED}")
    return PhotoNotImage(f"the file is {_description(data)}, not an image, whatever its name; send {_ACCEPTED}")


def _other_image(data: bytes) -> str | None:
    if _HEIF_BRANDS & _iso_brands(data):
        return "HEIC"
    for magic, name in _OTHER_IMAGES:
        if data.startswith(magic):
            return name
    return "SVG" if b"<svg" in _opening(data) else None


def _description(data: bytes) -> str:
    opening = _opening(data)
    if opening.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if opening.startswith(b"%pdf"):
        return "a PDF document"
    return f"of no known kind (it begins with {data[:8].hex(' ')})"


def _opening(data: bytes) -> bytes:
    return data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()


# --- ends ----------------------------------------------------------------------------------------


def _jpeg_ends_early(data: bytes) -> bool:
    return not data.rstrip(b"\x00").endswith(b"\xff\xd9")


def _png_ends_early(data: bytes) -> bool:
    return b"IEND" not in data[-64:]


def _gif_ends_early(data: bytes) -> bool:
    return not data.rstrip(b"\x00").endswith(b"\x3b")


def _webp_ends_early(data: bytes) -> bool:
    return len(data) < 8 + int.from_bytes(data[4:8], "little")


def _avif_ends_early(data: bytes) -> bool:
    """Whether a top-level box reaches past the end."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 0:  # reaches to the end, wherever that is
            return False
        if size == 1:  # a 64-bit size follows
            size = int.from_bytes(data[at + 8 : at + 16])
        at += max(size, 8)
    return at != len(data)


_ENDS: Final[dict[Kind, Callable[[bytes], bool]]] = {
    "jpeg": _jpeg_ends_early,
    "png": _png_ends_early,
    "webp": _webp_ends_early,
    "avif": _avif_ends_early,
    "gif": _gif_ends_early,
}
