"""The door for photographs: every accepted form comes out upright in sRGB, every other is refused by its code."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from vision.errors import (
    ConfigurationError,
    InputRefused,
    PhotoEmpty,
    PhotoFormatUnsupported,
    PhotoNotImage,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoTruncated,
    PhotoUnreadable,
)
from vision.photo import Photo, PhotoLimits, decode

RED, GREEN, BLUE, WHITE = (200, 30, 40), (20, 160, 60), (30, 50, 190), (255, 255, 255)
CORNERS = ("top left", "top right", "bottom left", "bottom right")


def quadrants(width: int = 96, height: int = 64) -> Image.Image:
    """Red, green, blue and white quarters, so that each turn and flip can be told from the others."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def corners(photo: Photo) -> dict[str, NDArray[np.int64]]:
    """Mean colour in the middle of each quarter."""
    height, width = photo.height, photo.width
    spots = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    means = [photo.pixels[y - 4 : y + 4, x - 4 : x + 4].reshape(-1, 3).mean(0).round().astype(int) for y, x in spots]
    return dict(zip(CORNERS, means, strict=True))


def assert_quadrants(photo: Photo, tolerance: int = 6) -> None:
    for name, colour in zip(CORNERS, (RED, GREEN, BLUE, WHITE), strict=True):
        assert np.abs(corners(photo)[name] - colour).max() <= tolerance, name


# --- accepted ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 95}),
        ("AVIF", {"quality": 95}),
        ("GIF", {}),
    ],
)
def test_each_accepted_format_is_decoded(form: str, options: dict[str, Any]) -> None:
    data = encoded(quadrants(), form, **options)
    photo = decode(data)
    assert (photo.width, photo.height, photo.format) == (96, 64, form.lower())
    assert photo.pixels.dtype == np.uint8
    assert_quadrants(photo)


def test_the_digest_is_of_the_bytes_as_sent() -> None:
    import hashlib

    data = encoded(quadrants())
    assert decode(data).sha256 == hashlib.sha256(data).hexdigest()


def test_pixels_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        decode(encoded(quadrants())).pixels[0, 0] = 0


def test_a_phone_jpeg_with_a_second_picture_gives_the_first() -> None:
    data = encoded(quadrants(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64), GREEN)])
    assert_quadrants(decode(data))


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_an_animation_gives_its_first_frame(form: str) -> None:
    later = [Image.new("RGB", (96, 64), colour) for colour in (GREEN, BLUE)]
    options = {"lossless": True} if form == "WEBP" else {}
    assert_quadrants(decode(encoded(quadrants(), form, save_all=True, append_images=later, duration=80, **options)))


# --- orientation ---------------------------------------------------------------------------------

INVERSE = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(orientation: int, form: str) -> None:
    turn = INVERSE[orientation]
    stored = quadrants() if turn is None else quadrants().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = decode(encoded(stored, form, exif=exif, quality=95))
    assert (photo.width, photo.height) == (96, 64)
    assert_quadrants(photo)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")  # Pillow says so, and goes on
@pytest.mark.parametrize("exif", [b"Exif\x00\x00garbage", b"Exif\x00\x00MM\x00*\x00\x00\xff\xff", b"Exif\x00\x00"])
def test_a_broken_exif_does_not_refuse_the_picture(exif: bytes) -> None:
    assert_quadrants(decode(encoded(quadrants(), "JPEG", quality=95, exif=exif)))


def test_an_orientation_that_does_not_exist_is_left_aside() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    assert_quadrants(decode(encoded(quadrants(), "JPEG", quality=95, exif=exif)))


# --- colour --------------------------------------------------------------------------------------


def swapped_profile() -> bytes:
    """An RGB profile whose red and green primaries are exchanged: a picture must visibly change by it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    entries = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_an_embedded_profile_is_applied(form: str) -> None:
    image = Image.new("RGB", (64, 64), (220, 40, 40))
    colour = decode(encoded(image, form, icc_profile=swapped_profile(), quality=95)).pixels[32, 32].astype(int)
    assert colour[1] > colour[0] + 80


def test_an_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert_quadrants(decode(encoded(quadrants(), icc_profile=profile)), tolerance=1)


@pytest.mark.parametrize("profile", [b"not a profile", b"\x00" * 200])
def test_a_broken_profile_is_left_aside(profile: bytes) -> None:
    assert_quadrants(decode(encoded(quadrants(), icc_profile=profile)))


def test_a_profile_of_another_colour_space_is_left_aside() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert_quadrants(decode(encoded(quadrants(), icc_profile=profile)))


def test_a_profile_is_applied_under_transparency() -> None:
    image = Image.new("RGBA", (64, 64), (220, 40, 40, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 64))
    photo = decode(encoded(image, icc_profile=swapped_profile()))
    assert photo.pixels[32, 8].tolist() == [255, 255, 255]
    assert photo.pixels[32, 48, 1] > photo.pixels[32, 48, 0]


def test_cmyk_becomes_rgb() -> None:
    assert_quadrants(decode(encoded(quadrants().convert("CMYK"), "JPEG", quality=95)))


@pytest.mark.parametrize("mode", ["P", "RGBA"])
def test_palette_and_opaque_alpha(mode: str) -> None:
    assert_quadrants(decode(encoded(quadrants().convert(mode))))


@pytest.mark.parametrize(("mode", "value", "expected"), [("L", 90, 90), ("1", 1, 255), ("LA", (90, 255), 90)])
def test_grey_becomes_rgb(mode: str, value: Any, expected: int) -> None:
    assert (decode(encoded(Image.new(mode, (64, 64), value))).pixels == expected).all()


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    ramp = np.repeat(np.linspace(0, 65535, 256).astype(np.uint16)[None], 64, axis=0)
    photo = decode(encoded(Image.fromarray(ramp)))
    assert np.abs(photo.pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def png_of(rows: bytes, width: int, height: int, depth: int, colour: int, extra: bytes = b"") -> bytes:
    """A PNG of raw filtered rows, for forms that no encoder at hand writes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def test_sixteen_bit_colour_is_scaled() -> None:
    row = b"\x00" + struct.pack(">HHH", 0x8000, 0x4000, 0xFF00) * 40
    photo = decode(png_of(zlib.compress(row * 40), 40, 40, depth=16, colour=2))
    assert np.abs(photo.pixels[20, 20].astype(int) - (128, 64, 255)).max() <= 1


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 128), (0, 0, 32, 64))
    photo = decode(encoded(image))
    assert photo.pixels[32, 48].tolist() == [255, 255, 255]
    assert abs(int(photo.pixels[32, 16, 0]) - 127) <= 1


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_transparent_palette_colour_is_laid_on_white(form: str) -> None:
    image = Image.new("P", (64, 64), 1)
    image.putpalette([*RED, 0, 0, 0])
    image.paste(0, (0, 0, 32, 64))
    photo = decode(encoded(image, form, transparency=1))
    assert photo.pixels[32, 48].tolist() == [255, 255, 255]
    assert np.abs(photo.pixels[32, 16].astype(int) - RED).max() <= 2


def test_a_transparent_key_colour_is_laid_on_white() -> None:
    row = b"\x00" + bytes([0, 0, 0]) * 40
    key = chunk(b"tRNS", struct.pack(">HHH", 0, 0, 0))
    photo = decode(png_of(zlib.compress(row * 40), 40, 40, depth=8, colour=2, extra=key))
    assert (photo.pixels == 255).all()


# --- bounds --------------------------------------------------------------------------------------


def test_more_bytes_than_the_limit_are_refused() -> None:
    data = encoded(quadrants())
    with pytest.raises(PhotoTooLarge, match=rf"{len(data):,} bytes, the limit is 100"):
        decode(data, PhotoLimits(max_bytes=100))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_more_pixels_than_the_limit_are_refused(form: str) -> None:
    with pytest.raises(PhotoTooLarge, match="96 x 64 = 6,144 pixels, the limit is 6,143"):
        decode(encoded(quadrants(), form), PhotoLimits(max_pixels=6143))
    assert decode(encoded(quadrants(), form), PhotoLimits(max_pixels=6144)).width == 96


def test_a_side_below_the_limit_is_refused() -> None:
    with pytest.raises(PhotoTooSmall, match="96 x 31"):
        decode(encoded(quadrants(96, 31)))
    assert decode(encoded(quadrants(96, 32))).height == 32


@pytest.mark.parametrize("field", ["max_bytes", "max_pixels", "min_side_px"])
def test_limits_below_one_are_a_configuration_error(field: str) -> None:
    with pytest.raises(ConfigurationError, match=field):
        replace(PhotoLimits(), **{field: 0})


def giant_png(side_px: int = 40_000) -> bytes:
    """A real PNG of 1.6 thousand million pixels in some hundred kilobytes."""
    packer = zlib.compressobj(1)
    block = b"\x00" * (1 + side_px // 8) * 400
    body = b"".join(packer.compress(block) for _ in range(side_px // 400)) + packer.flush()
    return png_of(body, side_px, side_px, depth=1, colour=0)


MEMORY_PROBE = """
import resource, sys
from vision.errors import PhotoTooLarge
from vision.photo import decode
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decode(data)
except PhotoTooLarge:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_giant_in_a_small_file_is_refused_without_decoding_it() -> None:
    data = giant_png()
    assert len(data) < 2**20
    probe = subprocess.run([sys.executable, "-c", MEMORY_PROBE], input=data, capture_output=True, check=True)
    assert int(probe.stdout) < 8 * 1024  # KiB; decoding it would take 1.6 GB


def test_a_header_that_promises_more_than_the_limit_of_pillow_raises_no_warning() -> None:
    with pytest.raises(PhotoTooLarge):
        decode(png_of(b"", 15_000, 10_000, depth=8, colour=2))


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = encoded(quadrants(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    flood = data[:-2] + data[last:-2] * 200 + data[-2:]
    with pytest.raises(PhotoUnreadable, match="scans"):
        decode(flood)


# --- damaged and disguised -----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_truncated_files_are_refused_as_such(form: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, form)
    with pytest.raises(PhotoTruncated, match="send the whole file"):
        decode(data[: int(len(data) * share)])


def test_a_truncated_jpeg_with_a_whole_thumbnail_is_still_truncated() -> None:
    thumbnail = encoded(quadrants(32, 32), "JPEG")
    data = encoded(quadrants(640, 480), "JPEG", exif=b"Exif\x00\x00" + thumbnail)
    with pytest.raises(PhotoTruncated):
        decode(data[: len(data) * 9 // 10])


def test_a_damaged_picture_is_refused_as_damaged() -> None:
    data = bytearray(encoded(quadrants()))
    at = data.index(b"IDAT") + 6
    data[at : at + 20] = b"\x55" * 20
    with pytest.raises(PhotoUnreadable, match="damaged") as caught:
        decode(bytes(data))
    assert caught.value.code == "photo_unreadable"


def test_a_profile_that_unpacks_to_gigabytes_is_bounded() -> None:
    bomb = chunk(b"iCCP", b"x\x00\x00" + zlib.compress(b"\x00" * 50_000_000))
    row = b"\x00" + bytes([0, 0, 0]) * 40
    with pytest.raises(PhotoUnreadable):
        decode(png_of(zlib.compress(row * 40), 40, 40, depth=8, colour=2, extra=bomb))


REFUSALS: list[tuple[str, Callable[[], bytes], type[InputRefused], str]] = [
    ("empty", lambda: b"", PhotoEmpty, "0 bytes"),
    ("HTML", lambda: b"\n<!DOCTYPE html><html><body>404</body></html>", PhotoNotImage, "an HTML page"),
    ("PDF", lambda: b"%PDF-1.7 and so on", PhotoNotImage, "a PDF document"),
    ("archive", lambda: b"PK\x03\x04 and so on", PhotoNotImage, "50 4b 03 04"),
    ("SVG", lambda: b'<?xml version="1.0"?><svg xmlns="x"/>', PhotoFormatUnsupported, "SVG"),
    ("SVG with a mark of order", lambda: b"\xef\xbb\xbf<svg/>", PhotoFormatUnsupported, "SVG"),
    ("TIFF", lambda: encoded(quadrants(), "TIFF"), PhotoFormatUnsupported, "TIFF"),
    ("BMP", lambda: encoded(quadrants(), "BMP"), PhotoFormatUnsupported, "BMP"),
    ("HEIC", lambda: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", PhotoFormatUnsupported, "HEIC"),
    ("one byte", lambda: b"\xff", PhotoNotImage, "no known kind"),
]


@pytest.mark.parametrize(
    ("data", "error", "words"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_what_is_no_accepted_image_is_refused_by_what_it_is(
    data: Callable[[], bytes], error: type[InputRefused], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        decode(data())
    assert type(caught.value) is error


@given(st.binary(max_size=200), st.sampled_from(["JPEG", "PNG", "WEBP", "AVIF", "GIF"]), st.integers(0, 400))
@settings(deadline=None, max_examples=150)
def test_whatever_comes_in_is_a_photo_or_a_refusal(patch: bytes, form: str, at: int) -> None:
    data = bytearray(encoded(quadrants(40, 40), form))
    data[at : at + len(patch)] = patch
    try:
        photo = decode(bytes(data))
    except InputRefused:
        return
    assert photo.pixels.shape[2] == 3


# --- fitting -------------------------------------------------------------------------------------


def test_fit_averages_down_and_keeps_the_aspect() -> None:
    photo = decode(encoded(quadrants(960, 640)))
    small = photo.fit(96)
    assert (small.width, small.height) == (96, 64)
    assert (small.sha256, small.format) == (photo.sha256, "png")
    assert not small.pixels.flags.writeable
    assert_quadrants(small, tolerance=0)


def test_fit_returns_itself_when_small_enough() -> None:
    photo = decode(encoded(quadrants()))
    assert photo.fit(96) is photo
