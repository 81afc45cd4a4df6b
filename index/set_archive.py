"""A reference set as one zip: its photos as uploaded, a manifest that says what each is, and a table of metadata.

What was written can be uploaded again as it is.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from index import metadata
from index.store import Held, Reference, Store
from vision.errors import BlobDamaged

MANIFEST, METADATA = "manifest.json", "metadata.json"
_SUFFIXES = {"jpeg": "jpg"}  # of a format, where they differ
_MODE = 0o644 << 16  # as zip files keep a file's rights


class _Outlet(io.RawIOBase):
    """Where the zip is written: gives out what came since it was asked last, and keeps nothing."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def archive(store: Store, brand: str, version: int, held: Sequence[Held]) -> Iterator[bytes]:
    """The zip of one version of a set, piece by piece; never more than one photo is in memory.

    A photo that was withdrawn is left out, one that cannot be read too; the manifest, which comes last, says of each.
    """
    outlet, told = _Outlet(), []
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as zipped:  # photos are compressed already
        for place, each in enumerate(held, start=1):
            reference = each.reference
            file = f"references/{place:05d}-{reference.id}.{_SUFFIXES.get(reference.format, reference.format)}"
            fault = _add(zipped, file, reference, store, each.withdrawn)
            told.append(_told(reference) | ({"file": file} if fault is None else {"file": None, "left_out": fault}))
            yield outlet.taken()
        described = [{"file": each["file"]} | each["metadata"] for each in told if each["file"] is not None]
        zipped.writestr(_entry(METADATA, datetime.now(UTC)), json.dumps(described, indent=1, ensure_ascii=False))
        manifest = {"brand": brand, "version": version, "references": told}
        zipped.writestr(_entry(MANIFEST, datetime.now(UTC)), json.dumps(manifest, indent=1, ensure_ascii=False))
    yield outlet.taken()


def _add(zipped: zipfile.ZipFile, file: str, reference: Reference, store: Store, withdrawn: bool) -> str | None:
    """Put a photo in; why not, where that cannot be done."""
    if withdrawn:
        return "withdrawn"
    try:
        data = store.blob(reference.sha256)
    except BlobDamaged as fault:
        return fault.code
    zipped.writestr(_entry(file, reference.added), data)
    return None


def _entry(file: str, moment: datetime) -> zipfile.ZipInfo:
    """Names are ours, never an uploader's: a zip must not write where it likes."""
    entry = zipfile.ZipInfo(file, moment.timetuple()[:6])
    entry.external_attr = _MODE
    return entry


def _told(reference: Reference) -> dict[str, Any]:
    return {
        "id": reference.id,
        "name": reference.name,
        "sha256": reference.sha256,
        "format": reference.format,
        "width": reference.width,
        "height": reference.height,
        "added_at": reference.added.isoformat(),
        "metadata": metadata.told(reference.metadata),
    }
