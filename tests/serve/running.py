"""A real server on a real socket, in a thread of this process or as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from serve.app import Model, create_app
from serve.settings import Settings
from tests.serve.fakes import open_fake

ADMIN_KEY = "admin-key-of-the-tests-00000000"
PIPELINE_KEY = "pipeline-key-of-the-tests-00000"
PATIENCE_S = 60.0  # a busy machine answers slowly


def settings_of(data_dir: Path, **changed: Any) -> Settings:
    """Settings for a test: keys configured, quick to follow the store, built by a thread."""
    named: dict[str, Any] = {"admin_key": ADMIN_KEY, "pipeline_key": PIPELINE_KEY, "poll_store_s": 0.2, "port": 0}
    named["build_apart"] = False  # a process more for each test would take seconds to start
    return Settings(data_dir=data_dir, **(named | changed))


@dataclass(frozen=True)
class Server:
    """A server that answers, and how to speak to it."""

    url: str

    def client(self, key: str | None = ADMIN_KEY) -> httpx.Client:
        """A client that sends this key."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S)

    @property
    def address(self) -> tuple[str, int]:
        """For a bare socket."""
        url = httpx.URL(self.url)
        assert url.port is not None
        return url.host, url.port


@contextmanager
def served(settings: Settings, open_model: Callable[[Settings], Model] = open_fake) -> Iterator[Server]:
    """Serve from a thread."""
    app = create_app(settings, open_model)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=run_quietly, args=(server,))
    thread.start()
    try:
        wait_for(lambda: server.started or not thread.is_alive())
        if app.state.failed_start is not None:
            raise app.state.failed_start
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


def run_quietly(server: uvicorn.Server) -> None:
    """Run; a start that failed is told by the app's state."""
    with suppress(SystemExit):
        server.run()


@contextmanager
def spawned(data_dir: Path, out: Path) -> Iterator[tuple[Server, Callable[[], None]]]:
    """Serve from a process of its own; the second value kills it as a power cut would."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with out.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serve.running", str(data_dir), str(port)], stdout=log, stderr=log
        )

        def kill() -> None:
            os.kill(process.pid, signal.SIGKILL)
            process.wait(PATIENCE_S)

        try:
            server = Server(f"http://127.0.0.1:{port}")
            wait_for(lambda: alive(server))
            yield server, kill
        finally:
            if process.poll() is None:
                kill()


def alive(server: Server) -> bool:
    """Whether it answers yet."""
    try:
        with server.client(None) as client:
            return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def wait_for(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Until the condition holds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {patience_s:g} s in vain")
        time.sleep(0.02)


def wait_until_searchable(client: httpx.Client, version: int) -> dict[str, Any]:
    """Until every change up to `version` is; what /ready then says."""
    said: dict[str, Any] = {}

    def searchable() -> bool:
        answer = client.get("/ready")
        said.update(answer.json())
        return answer.status_code == 200 and said["gallery_store_version"] >= version

    wait_for(searchable)
    return said


def parts(field: str, photos: Sequence[bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    """Files of a form."""
    return [(field, (f"{index}.jpg", data, "image/jpeg")) for index, data in enumerate(photos)]


def code_of(answer: httpx.Response) -> str:
    """The code of a problem, which is a problem in every respect."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:touchstone:problem:{problem['code']}"
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert problem["detail"]
    code: str = problem["code"]
    return code


def head(path: str, length: str) -> bytes:
    """The start of a POST of a form, for a bare socket."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {ADMIN_KEY}\r\n"
        f"Content-Type: multipart/form-data; boundary=line\r\n{length}\r\n\r\n"
    ).encode()


def taken(client: httpx.Client, workers: str) -> int:
    """Requests in work or waiting, as /metrics says."""
    page = client.get("/metrics").text
    return int(float(page.partition(f'touchstone_queue_depth{{workers="{workers}"}} ')[2].split()[0]))


def main(data_dir: str, port: str) -> None:
    """Serve until killed."""
    app = create_app(settings_of(Path(data_dir)), open_fake)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
