import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import httpx
import pytest

from serve.uploads import Form, FormLimits, FormReader
from tests.serve import pictures
from tests.serve.running import ADMIN_KEY, Server, code_of, parts
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


def test_a_file_over_the_limit(pipeline: httpx.Client) -> None:
    answer = pipeline.post("/v1/inspections", files=parts("photos", [b"x" * 500_000]))
    assert answer.status_code == 413
    assert code_of(answer) == "file_too_large"
    assert "400000" in answer.json()["detail"]


def test_a_body_announced_over_the_limit(pipeline: httpx.Client) -> None:
    answer = pipeline.post("/v1/inspections", files=parts("photos", [b"x" * 390_000] * 3))
    assert answer.status_code == 413
    assert code_of(answer) == "body_too_large"
    assert "900000" in answer.json()["detail"]


def test_an_endless_body_of_unannounced_length_is_stopped_at_the_limit(server: Server) -> None:
    """Written to a bare socket, which sees the answer while it still sends."""
    sent = 0
    with socket.create_connection(server.address, timeout=10) as line:
        line.sendall(head("Transfer-Encoding: chunked"))
        for piece in endless_form():
            line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            sent += len(piece)
            if answered(line):
                break
        status, problem = hear(line)
    assert status == 413
    assert problem["code"] == "body_too_large"
    assert sent < 20_000_000  # the limit is 900 kB; the rest fits the socket's buffers


def test_a_body_that_does_not_arrive_times_out(server: Server) -> None:
    with socket.create_connection(server.address, timeout=10) as line:
        line.sendall(head("Content-Length: 1000") + b"--line\r\n")
        status, problem = hear(line)
    assert status == 408
    assert problem["code"] == "body_timeout"


def test_a_body_of_another_type(pipeline: httpx.Client) -> None:
    answer = pipeline.post("/v1/inspections", json={"photos": []})
    assert answer.status_code == 415
    assert code_of(answer) == "form_type_unsupported"


def test_a_large_json_body(admin: httpx.Client) -> None:
    answer = admin.put("/v1/brands/acme", content=b" " * 20_000)
    assert answer.status_code == 413
    assert code_of(answer) == "body_too_large"


def test_too_many_references_in_one_upload(admin: httpx.Client) -> None:
    answer = admin.post("/v1/brands/acme/references", files=parts("files", [b"x"] * 201))
    assert answer.status_code == 413
    assert code_of(answer) == "too_many_files"


def test_a_refused_upload_leaves_the_connection_usable(pipeline: httpx.Client) -> None:
    for _ in range(3):
        assert pipeline.post("/v1/inspections", files=parts("photos", [b"x" * 500_000])).status_code == 413
        assert pipeline.post("/v1/inspections", files=parts("photos", [pictures.plain(40, 40)])).status_code == 200


def head(length: str) -> bytes:
    """The start of an inspection request."""
    return (
        "POST /v1/inspections HTTP/1.1\r\nHost: test\r\n"
        f"Authorization: Bearer {ADMIN_KEY}\r\nContent-Type: multipart/form-data; boundary=line\r\n{length}\r\n\r\n"
    ).encode()


def endless_form() -> Iterator[bytes]:
    """Photos within the limit of a file, without end."""
    while True:
        yield part("photos", b"x" * 100_000, "a.jpg")


def hear(line: socket.socket) -> tuple[int, dict[str, object]]:
    """The status and the JSON that a server answers on a bare socket."""
    answer = HTTPResponse(line)
    answer.begin()
    return answer.status, json.loads(answer.read())


def answered(line: socket.socket) -> bool:
    """Whether the server has spoken."""
    line.setblocking(False)
    try:
        return bool(line.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        line.settimeout(10)
