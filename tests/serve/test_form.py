import pytest

from serve.form import Form, FormLimits, FormReader
from vision.errors import FileTooLarge, FormInvalid, TooManyFiles, TouchstoneError

BOUNDARY = b"line"
LIMITS = FormLimits(
    files_field="photos",
    text_fields=("claimed_brand",),
    max_files=2,
    max_file_bytes=1000,
    max_body_bytes=10_000,
    max_field_bytes=20,
    timeout_s=1.0,
)


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = f'name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    return b"--line\r\nContent-Disposition: form-data; " + named.encode() + b"\r\n\r\n" + content + b"\r\n"


def form(*written: bytes) -> bytes:
    return b"".join(written) + b"--line--\r\n"


def read(body: bytes, step: int = 10_000) -> Form:
    reader = FormReader(BOUNDARY, LIMITS)
    for start in range(0, len(body), step):
        reader.feed(body[start : start + step])
    return reader.finish()


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_a_form_reads_alike_however_it_is_cut(step: int) -> None:
    body = form(
        part("photos", b"a\r\n--lin", "ä b.jpg"), part("claimed_brand", " Ünion ".encode()), part("photos", b"b")
    )
    whole = read(body, step)
    assert [(file.name, file.data) for file in whole.files] == [("ä b.jpg", b"a\r\n--lin"), ("file-2", b"b")]
    assert whole.fields == {"claimed_brand": "Ünion"}


@pytest.mark.parametrize(
    ("body", "error", "word"),
    [
        (form(part("photos", b"x" * 1001, "big.jpg")), FileTooLarge, "big.jpg"),
        (form(*[part("photos", b"x")] * 3), TooManyFiles, "2 files"),
        (form(part("photos", b"x"), part("claimed_brand", b"x" * 21)), FormInvalid, "20 bytes"),
        (form(part("photos", b"x"), *[part("claimed_brand", b"x")] * 2), FormInvalid, "twice"),
        (form(part("photos", b"x"), part("claimed_brand", b"\xff")), FormInvalid, "UTF-8"),
        (form(part("photos", b"x"), part("claimed_brand", b"a\0b")), FormInvalid, "control"),
        (form(part("colour", b"x")), FormInvalid, "Known parts: photos, claimed_brand"),
        (form(b"--line\r\nContent-Type: image/png\r\n\r\nx\r\n"), FormInvalid, "no name"),
        (form(part("claimed_brand", b"x")), FormInvalid, "no file"),
        (part("photos", b"x"), FormInvalid, "last boundary"),
        (b"", FormInvalid, "last boundary"),
        (b"nonsense", FormInvalid, "malformed"),
    ],
)
def test_a_form_outside_the_rules_is_refused_by_name(body: bytes, error: type[TouchstoneError], word: str) -> None:
    with pytest.raises(error, match=word):
        read(body)


def test_a_file_over_its_limit_is_refused_before_it_is_held() -> None:
    reader = FormReader(BOUNDARY, LIMITS)
    reader.feed(part("photos", b"x" * 900, "big.jpg").removesuffix(b"\r\n"))
    with pytest.raises(FileTooLarge):
        reader.feed(b"x" * 1_000_000)
    assert len(reader.part.content) == 900
