import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import httpx
import pytest

from tests.serve import pictures
from tests.serve.running import Server, code_of, head, parts, taken, wait_for


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
        line.sendall(head("/v1/inspections", "Transfer-Encoding: chunked"))
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
        line.sendall(head("/v1/inspections", "Content-Length: 1000") + b"--line\r\n")
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


def test_a_caller_who_leaves_midway_gives_the_slot_back(
    server: Server, admin: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(server.address) as line:
        line.sendall(head("/v1/inspections", "Content-Length: 1000") + b"--line")
        wait_for(lambda: taken(admin, "inspections") == 1)
    wait_for(lambda: taken(admin, "inspections") == 0)
    assert 'route="/v1/inspections",status="499"' in admin.get("/metrics").text
    assert not caplog.records


def test_a_refused_upload_leaves_the_connection_usable(pipeline: httpx.Client) -> None:
    for _ in range(3):
        assert pipeline.post("/v1/inspections", files=parts("photos", [b"x" * 500_000])).status_code == 413
        assert pipeline.post("/v1/inspections", files=parts("photos", [pictures.plain(40, 40)])).status_code == 200


def endless_form() -> Iterator[bytes]:
    """Photos within the limit of a file, without end."""
    while True:
        yield (
            b'--line\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
            + b"x" * 100_000
            + b"\r\n"
        )


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
