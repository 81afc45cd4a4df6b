"""A PostgreSQL cluster of one's own, in a folder that goes with it, on a socket nobody else finds."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

USER = "touchstone"
PATIENCE_S = 60


@dataclass
class Cluster:
    """Runs between `start` and `stop`, which may be repeated."""

    folder: Path
    binaries: Path
    made: int = field(default=0)  # databases

    def url(self, database: str) -> str:
        """Of one of its databases."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def fresh(self, template: str = "template0") -> str:
        """The URL of a new database."""
        self.made += 1
        name = f"test{self.made}"
        self.run("createdb", "--host", str(self.folder), "--username", USER, "--template", template, name)
        return self.url(name)

    def start(self) -> None:
        """Answer from here on."""
        self.run("pg_ctl", "start", "--wait", "--pgdata", self.data, "--log", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Answer no more; `immediate` is a crash."""
        self.run("pg_ctl", "stop", "--wait", "--pgdata", self.data, "--mode", mode)

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def make(self, durable: bool) -> None:
        """Write the cluster's files. One that is not durable is faster, and lost with its machine."""
        self.run(
            "initdb",
            *([] if durable else ["--no-sync"]),
            "--pgdata",
            self.data,
            "--auth",
            "trust",
            "--username",
            USER,
            "--encoding",
            "UTF8",
        )
        lines = ["listen_addresses = ''", f"unix_socket_directories = '{self.folder}'", "max_connections = 60"]
        lines += [] if durable else ["fsync = off", "full_page_writes = off"]
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write("\n".join(lines) + "\n")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, as somebody who is not root: it refuses that."""
        # A server that was started would hold a pipe open, so that its end is never seen.
        with tempfile.TemporaryFile() as said:
            command = [str(self.binaries / program), *arguments]
            done = subprocess.run(command, cwd=self.folder, user=owner(), stdout=said, stderr=said, timeout=PATIENCE_S)
            said.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} failed: {said.read().decode()[-2000:]}")


def owner() -> str | None:
    """Who runs the cluster: ourselves, or for root an account that may."""
    if os.getuid() != 0:
        return None
    names = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def binaries() -> Path | None:
    """The newest PostgreSQL that is installed."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def cluster(durable: bool = False) -> Iterator[Cluster]:
    """A running cluster; `FileNotFoundError` where PostgreSQL is not installed."""
    found = binaries()
    if found is None:
        raise FileNotFoundError("PostgreSQL is not installed: initdb is neither on the path nor in /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="touchstone-pg-", ignore_cleanup_errors=True) as folder:
        name = owner()
        if name is not None:
            shutil.chown(folder, name)
        made = Cluster(Path(folder), found)
        made.make(durable)
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
