"""An upload is taken in once, however often it is sent; and what was damaged is mended by it."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from index import build
from index.intake import TakenIn, take_in, take_in_once
from index.reference_set import Status, Upload
from index.store import Claim, Place, Store
from index.store.tables import answers
from tests.index.fakes import LayoutEmbedder
from tests.index.pictures import upload
from vision.errors import BlobDamaged, IdempotencyKeyReused

MINE, OTHERS = Claim("mine", "a" * 64), Claim("mine", "b" * 64)


def told(taken: TakenIn) -> str:
    return json.dumps({"version": taken.change.version, "count": taken.change.count})


def sent(store: Store, uploads: Sequence[Upload], claim: Claim = MINE) -> str:
    return take_in_once(store, "acme", uploads, claim, told)


def test_the_same_again_is_answered_as_before_and_not_done_again(store: Store, place: Place) -> None:
    first = sent(store, [upload(1)])
    store.withdraw_all("acme")
    again = Store.at(place)  # also after a restart
    assert sent(again, [upload(1)]) == first == again.answer("acme", MINE)
    again.close()
    assert store.references("acme") == ()


def test_another_upload_with_the_key_is_refused_and_not_done(store: Store) -> None:
    sent(store, [upload(1)])
    with pytest.raises(IdempotencyKeyReused, match="'mine' came with another upload"):
        sent(store, [upload(2)], OTHERS)
    with pytest.raises(IdempotencyKeyReused):
        store.answer("acme", OTHERS)
    assert len(store.references("acme")) == 1


def test_keys_are_each_brands_own(store: Store) -> None:
    store.put_brand("other")
    sent(store, [upload(1)])
    assert store.answer("other", OTHERS) is None


def test_sent_twice_at_once_it_is_done_once(store: Store, place: Place) -> None:
    """From two processes, as far as the store can tell."""
    stores = [Store.at(place) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(lambda each: sent(each, [upload(1), upload(2)]), stores))
    for each in stores:
        each.close()
    assert len(set(said)) == 1
    assert json.loads(said[0])["count"] == 2
    assert [version.action for version in store.versions.of("acme")] == ["added"]


def test_old_answers_are_forgotten(store: Store) -> None:
    sent(store, [upload(1)])
    store.sweep()
    assert store.answer("acme", MINE) is not None
    with store._database.writing() as connection:
        connection.execute(update(answers).values(created=datetime.now(UTC) - timedelta(days=8)))
    store.sweep()
    assert store.answer("acme", MINE) is None


@pytest.mark.parametrize("damage", ["altered", "absent"])
def test_a_damaged_photo_is_mended_by_uploading_it_again(store: Store, tmp_path: Path, damage: str) -> None:
    take_in(store, "acme", [upload(1, view) for view in range(2)])
    lost = store.references("acme")[0]
    blob = tmp_path / "blobs" / lost.sha256[:2] / lost.sha256
    if damage == "absent":
        blob.unlink()
    else:
        blob.write_bytes(b"rotten")
    with pytest.raises(BlobDamaged):
        store.blob(lost.sha256)
    embedder, gallery = LayoutEmbedder(), tmp_path / "gallery"
    assert len(build.open_or_build(store, embedder, gallery).templates("acme")[0].reference_ids) == 1
    again = take_in(store, "acme", [upload(1)])
    assert again.admission.results[0].status is Status.DUPLICATE
    assert store.blob(lost.sha256) == upload(1).data
    names = build.open_or_build(store, embedder, gallery).templates("acme")[0].reference_ids
    assert lost.id in {str(name) for name in names}
    assert take_in(store, "acme", [upload(1)]).change.version == store.version()  # nothing is left to mend
