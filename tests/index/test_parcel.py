"""Zips are read within bounds, whatever they say of themselves."""

import io
import json
import zipfile

import pytest

from benchmarks.hostile.bodies import HOSTILE, MIB, Hostile, zipped
from index.metadata import Kind
from index.parcel import Parcel, ParcelLimits
from index.set_archive import archive
from index.store import Place, Store
from tests.index.pictures import additions, photo
from vision.errors import ArchiveTooLarge, FileTooLarge, InputRefused, MetadataInvalid

STOPPED_HERE = [each for each in HOSTILE if each.code.startswith("archive_")]


def refusal(data: bytes, limits: ParcelLimits = ParcelLimits()) -> InputRefused:
    try:
        faults = [file.fault for file in Parcel(io.BytesIO(data), limits).files()]
    except InputRefused as whole:
        return whole
    (fault,) = faults
    assert fault is not None
    return fault


@pytest.mark.parametrize("hostile", STOPPED_HERE, ids=lambda each: each.name)
def test_a_hostile_zip_is_refused_by_name(hostile: Hostile) -> None:
    fault = refusal(hostile.make())
    assert fault.code == hostile.code
    if fault.status == 413:
        assert "limit" in str(fault)


def test_each_limit_is_named_with_its_value() -> None:
    two = zipped(("a", b"x" * 1000), ("b", b"y" * 1000), method=zipfile.ZIP_STORED)
    for limits, told in (
        (ParcelLimits(max_entries=1), "2 files, the limit is 1"),
        (ParcelLimits(max_unpacked_bytes=1999), "2,000 bytes, the limit is 1,999"),
    ):
        with pytest.raises(ArchiveTooLarge, match=told):
            Parcel(io.BytesIO(two), limits)
    fault = refusal(zipped(("a", bytes(2000))), ParcelLimits(max_file_bytes=1000))
    assert isinstance(fault, FileTooLarge)
    assert "2,000 bytes; the limit for a file is 1,000" in str(fault)


def test_files_come_in_order_and_litter_is_left(place: Place) -> None:
    noise = [("__MACOSX/a.jpg", b"x"), (".DS_Store", b"x"), ("set/Thumbs.db", b"x"), ("set/", b"")]
    table = ("set/metadata.csv", b"file,kind\nb.jpg,label\n")
    parcel = Parcel(io.BytesIO(zipped(*noise, ("set/b.jpg", photo(1)), table, ("a.jpg", b"no photo"))))
    assert [(file.name, file.data, file.fault) for file in parcel.files()] == [
        ("set/b.jpg", photo(1), None),
        ("a.jpg", b"no photo", None),
    ]
    assert [each.kind for each in parcel.table().of(parcel.names)] == [Kind.LABEL, None]


def test_a_table_in_a_zip_is_told_all_its_faults() -> None:
    parcel = Parcel(io.BytesIO(zipped(("a.jpg", b"x"), ("metadata.json", json.dumps({"z.jpg": {}}).encode()))))
    with pytest.raises(MetadataInvalid, match=r"metadata\.json, 'z\.jpg'"):
        parcel.table().of(parcel.names)


def test_a_set_that_was_exported_can_be_uploaded(place: Place) -> None:
    store = Store.at(place)
    store.put_brand("acme")
    version = store.put_references("acme", additions(1, 2)).version
    whole = b"".join(archive(store, "acme", version, store.versions.set_at("acme", version)))
    parcel = Parcel(io.BytesIO(whole))
    assert [file.data for file in parcel.files()] == [each.data for each in additions(1, 2)]
    assert len(parcel.table().of(parcel.names)) == 2
    store.close()


def test_a_photo_that_packs_well_is_no_bomb() -> None:
    assert [file.fault for file in Parcel(io.BytesIO(zipped(("a.png", bytes(MIB - 1))))).files()] == [None]
