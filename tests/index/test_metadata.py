"""What a brand says of its photos: read from words, tables and rows, with everything that is wrong told together."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.metadata import FIELDS, NOTHING, Kind, Metadata, read, told
from index.metadata_table import MAX_BYTES, read_table
from index.reference_set import Upload, admit, receive
from index.store import Place, Store
from tests.index.pictures import photo
from vision.errors import MetadataInvalid

FULL = Metadata("Heritage", "H-1", "front", Kind.EMBLEM, (0.1, 0.2, 0.75, 1.0))
CSV = "file,product_line,sku,view,kind,region\na.jpg,Heritage,H-1,front,emblem,0.1 0.2 0.75 1\nb/c.jpg,,,,,\n"


def faults_of(data: str) -> list[tuple[str, str]]:
    with pytest.raises(MetadataInvalid) as refusal:
        read_table("t.csv", data.encode())
    return list(refusal.value.faults)


def test_a_table_as_csv_and_as_json_says_the_same() -> None:
    listed = json.dumps([{"file": "a.jpg"} | told(FULL), {"file": "b/c.jpg"}])
    named = json.dumps({"a.jpg": told(FULL), "b/c.jpg": {}})
    excel = "\ufeff" + CSV.replace(",", ";").replace("\n", "\r\n")
    for written in (CSV, excel, listed, named):
        assert read_table("t", written.encode()).rows == {"a.jpg": FULL, "b/c.jpg": NOTHING}


def test_rows_are_of_paths_or_of_names_that_no_other_file_has() -> None:
    table = read_table("t.csv", CSV.encode())
    assert table.of(["x/a.jpg", "b/c.jpg", "d.jpg"]) == [FULL, NOTHING, NOTHING]
    with pytest.raises(MetadataInvalid) as refusal:
        table.of(["x/a.jpg", "y/a.jpg"])
    assert [where for where, _ in refusal.value.faults] == ["t.csv, 'a.jpg'", "t.csv, 'b/c.jpg'"]
    assert ["of 2 files" in what for _, what in refusal.value.faults] == [True, False]


def test_all_faults_of_a_table_are_told_together() -> None:
    faults = faults_of(
        f"file,kind,region,sku\na.jpg,logo,0 0 2 1,\n,emblem,,\nb.jpg,,1 2 3,{'x' * 201}\nb.jpg,label,,\n"
    )
    assert [(where, what.split()[0]) for where, what in faults] == [
        ("t.csv, line 2", "kind"),
        ("t.csv, line 2", "region"),
        ("t.csv, line 3", "names"),
        ("t.csv, line 4", "sku"),
        ("t.csv, line 4", "region"),
        ("t.csv, line 5", "names"),
    ]
    assert "use emblem, label, product, packaging" in faults[0][1]
    assert "the limit is 200" in faults[3][1]


@pytest.mark.parametrize(
    "data",
    [
        'file\n"a\n',
        "file\n\x00\n" * 2,
        "",
        "sku\n1\n",
        "file,colour\na,red\n",
        "file,file\na,b\n",
        "file\na,b\n",
        "[1]",
        "[" * 100_000,
        '{"a": 1}',
    ],
)
def test_a_table_that_is_none_is_refused_with_the_remedy(data: str) -> None:
    assert faults_of(data)


def test_a_table_over_the_limit_is_refused_unread() -> None:
    ((_, what),) = faults_of("x" * (MAX_BYTES + 1))
    assert f"the limit is {MAX_BYTES:,}" in what


@given(
    st.dictionaries(st.sampled_from([*FIELDS, "other"]), st.text() | st.lists(st.floats()) | st.none() | st.integers())
)
def test_whatever_is_said_is_read_or_named(said: dict[str, object]) -> None:
    metadata, faults = read(said)
    again, none = read(told(metadata))
    assert (again, none) == (metadata, [])
    assert len(faults) <= len(said)


def test_what_is_said_is_kept_with_every_version(place: Place) -> None:
    store = Store.at(place)
    store.put_brand("acme")
    sent: list[Upload] = [receive("a.jpg", photo(1), metadata=FULL), receive("b.jpg", photo(2))]
    version = store.put_references("acme", admit((), sent).additions).version
    store.withdraw("acme", store.references("acme")[1].id)
    assert [reference.metadata for reference in store.references("acme")] == [FULL]
    assert [held.reference.metadata for held in store.versions.set_at("acme", version)] == [FULL, NOTHING]
    store.close()
