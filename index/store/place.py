"""Where a store is: its folder, and its database and blobs where they are elsewhere."""

from dataclasses import dataclass, field
from pathlib import Path

DATABASE_FILE, BLOBS_FOLDER = "touchstone.sqlite", "blobs"  # in the data folder
# Read by the programs, not here.
DATABASE_URL_VARIABLE, BLOBS_URL_VARIABLE = "TOUCHSTONE_DATABASE_URL", "TOUCHSTONE_BLOBS_URL"


@dataclass(frozen=True)
class Place:
    """Names a store. Two processes that name the same one share it."""

    data_dir: Path  # holds whatever is not elsewhere, and the gallery
    database_url: str | None = field(default=None, repr=False)  # may hold a password; None: SQLite in the folder
    blobs_url: str | None = None  # s3://bucket/prefix; None: files in the folder

    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir / DATABASE_FILE}"
