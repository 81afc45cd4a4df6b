"""Blobs are kept alike in a folder and in a bucket of a server that speaks S3."""

import importlib.util
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from index.store import Place, Store
from index.store.blobs import Blobs, name_of, open_blobs
from tests.bucket import BucketServer, bucket_server
from tests.index.pictures import additions
from vision.errors import BlobDamaged, ConfigurationError, StoreUnavailable

ONE, TWO = b"one", b"two" * 100_000


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("obstore") is None:
        pytest.skip("moto and obstore are not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with bucket_server(port) as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Where blobs are kept; None: in a folder."""
    if request.param == "folder":
        return None
    server: BucketServer = request.getfixturevalue("server")
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    return server.fresh()


@pytest.fixture
def blobs(url: str | None, tmp_path: Path) -> Blobs:
    return open_blobs(url, tmp_path / "blobs")


def put(blobs: Blobs, *data: bytes) -> list[str]:
    names = [name_of(each) for each in data]
    blobs.put_all(list(zip(names, data, strict=True)))
    return names


def test_bytes_come_back_by_their_name(blobs: Blobs) -> None:
    one, two = put(blobs, ONE, TWO)
    assert (blobs.read(one), blobs.read(two)) == (ONE, TWO)
    assert sorted(blobs.all()) == sorted([one, two])


def test_the_same_bytes_are_kept_once(blobs: Blobs) -> None:
    put(blobs, ONE, ONE)
    put(blobs, ONE)
    assert list(blobs.all()) == [name_of(ONE)]


def test_what_is_erased_is_gone_and_may_be_erased_again(blobs: Blobs) -> None:
    one, two = put(blobs, ONE, TWO)
    for _ in range(2):
        blobs.erase(one)
    with pytest.raises(BlobDamaged, match="absent"):
        blobs.read(one)
    assert list(blobs.all()) == [two]


def test_what_is_altered_is_named_and_mended_by_writing_it_again(blobs: Blobs) -> None:
    sha256 = name_of(ONE)
    blobs.put_all([(sha256, b"another")])  # as a damaged disk would
    with pytest.raises(BlobDamaged, match="altered"):
        blobs.read(sha256)
    put(blobs, ONE)
    assert blobs.read(sha256) == ONE


def test_many_at_once(blobs: Blobs) -> None:
    data = [os.urandom(1000) for _ in range(40)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: put(blobs, *data), range(4)))
    assert {blobs.read(name) for name in blobs.all()} == set(data)


def test_sweeping_leaves_what_is_whole(blobs: Blobs) -> None:
    names = put(blobs, ONE, TWO)
    blobs.sweep_unfinished()
    assert sorted(blobs.all()) == sorted(names)


def test_a_store_keeps_its_photos_there(url: str | None, tmp_path: Path) -> None:
    place = Place(tmp_path, blobs_url=url)
    store = Store.at(place)
    store.put_brand("acme")
    store.put_references("acme", additions(1, 2))
    store.inspections.put("1", "{}", b"picture")
    store.close()
    again = Store.at(place)
    first, second = again.references("acme")
    assert again.blob(first.sha256) == additions(1)[0].data
    assert again.inspections.get("1").evidence == b"picture"
    again.withdraw("acme", second.id)
    orphan = name_of(ONE)
    put(again._blobs, ONE)
    assert again.sweep() == 1
    assert set(again._blobs.all()) == {first.sha256, name_of(b"picture")}
    with pytest.raises(BlobDamaged):
        again.blob(orphan)
    again.close()


def test_two_prefixes_of_one_bucket_know_nothing_of_each_other(
    server: BucketServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    url = server.fresh()
    one, other = open_blobs(f"{url}/one", tmp_path), open_blobs(f"{url}/other", tmp_path)
    put(one, ONE)
    assert list(other.all()) == []


def test_a_bucket_that_is_not_there_is_named_at_once(
    server: BucketServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreUnavailable):
        Store.at(Place(tmp_path, blobs_url="s3://nobodys/photos"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # the discard port: nobody answers
    with pytest.raises(StoreUnavailable) as fault:
        Store.at(Place(tmp_path, blobs_url="s3://bucket1/photos"))
    assert "127.0.0.1" not in str(fault.value)
    assert "127.0.0.1" in "".join(fault.value.__notes__)


@pytest.mark.parametrize("url", ["ftp://host/folder", "nonsense"])
def test_a_place_that_is_none_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="s3://bucket/prefix"):
        open_blobs(url, tmp_path)
