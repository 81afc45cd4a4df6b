"""How much memory a real server takes to refuse hostile uploads: `python -m benchmarks.hostile`.

Each is sent to a service in a process of its own, with its default limits and a small model, so that what is
seen is what the upload costs. Its peak memory is counted anew for each, and told above what it held just before.
Exit code 1 where an upload is not answered as it has to be, or takes more than 256 MiB.
"""

import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.hostile.bodies import HOSTILE, MIB, Hostile
from tests.serve.running import parts, spawned

MOST_MIB = 256
PATIENCE_S = 120.0


def main() -> int:
    """Send them all and print a table."""
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    print("| upload | sent | answered | stopped by | seconds | peak above before |\n|---|---|---|---|---|---|")
    bad = 0
    with tempfile.TemporaryDirectory(prefix="touchstone-hostile-") as folder:
        data, log = Path(folder) / "data", Path(folder) / "log"
        with spawned(data, log) as (server, _), server.client() as admin:
            admin.timeout = httpx.Timeout(PATIENCE_S)
            admin.put("/v1/brands/acme").raise_for_status()
            pid = process_of(data)
            for hostile in HOSTILE:
                bad += not row(admin, pid, hostile)
            assert admin.get("/health").status_code == 200
    return int(bad > 0)


def row(admin: httpx.Client, pid: int, hostile: Hostile) -> bool:
    """Send one and print what it cost; whether that was as it has to be."""
    body = hostile.make()
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak is counted anew
    before, began = memory(pid, "VmRSS"), time.perf_counter()
    code = sent(admin, body, hostile.is_zip)
    seconds, peak = time.perf_counter() - began, (memory(pid, "VmHWM") - before) / 1024
    print(
        f"| {hostile.name} | {size(len(body))} | `{code}` | {hostile.limit} | {seconds:.2f} | {peak:.0f} MiB |",
        flush=True,
    )
    return code == hostile.code and peak <= MOST_MIB


def sent(admin: httpx.Client, body: bytes, is_zip: bool) -> str:
    """The code that it is refused with, or its file."""
    path = "/v1/brands/acme/references"
    if is_zip:
        answer = admin.post(path, content=body, headers={"Content-Type": "application/zip"})
    else:
        answer = admin.post(path, files=parts("files", [body]))
    said: dict[str, Any] = answer.json()
    if answer.status_code != 202:
        return str(said["files"][0]["code"] if "files" in said else said["code"])
    deadline = time.monotonic() + PATIENCE_S
    while said.get("job") or said.get("state") in ("waiting", "running"):
        said = admin.get(said.get("job") or f"{path.removesuffix('references')}jobs/{said['id']}").json()
        if time.monotonic() > deadline:
            return "unfinished"
        time.sleep(0.05)
    error = said["files"][0]["error"]
    return "photo_accepted" if error is None else str(error["code"])


def process_of(data: Path) -> int:
    """The server that works in this folder."""
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        if str(data).encode() in cmdline.read_bytes():
            return int(cmdline.parent.name)
    raise LookupError(f"no process works in {data}")


def memory(pid: int, what: str) -> int:
    """KiB."""
    found = re.search(rf"^{what}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def size(count: int) -> str:
    """Bytes for a table."""
    return f"{count / MIB:.1f} MiB" if count >= MIB else f"{count / 1024:.1f} KiB"


if __name__ == "__main__":
    sys.exit(main())
