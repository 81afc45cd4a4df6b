"""An S3-speaking server on a real socket, in a process of its own, and buckets in it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

PATIENCE_S = 60


@dataclass
class BucketServer:
    """Answers at `endpoint` while its process runs."""

    endpoint: str
    process: "subprocess.Popen[bytes]"
    made: int = field(default=0)  # buckets

    def fresh(self) -> str:
        """The URL of a place in a new bucket."""
        self.made += 1
        httpx.put(f"{self.endpoint}/bucket{self.made}").raise_for_status()
        return f"s3://bucket{self.made}/photos"

    @property
    def variables(self) -> dict[str, str]:
        """The environment that leads to it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
        }


@contextmanager
def bucket_server(port: int) -> Iterator[BucketServer]:
    """A running server. It keeps objects in memory."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        server = BucketServer(f"http://127.0.0.1:{port}", process)
        wait(server)
        yield server
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def wait(server: BucketServer) -> None:
    """Until it answers."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            httpx.get(server.endpoint)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"no answer of {server.endpoint} within {PATIENCE_S} s")
