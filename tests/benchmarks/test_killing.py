"""The kills' checks see what they are there to see, and a few kills break nothing."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.killing.__main__ import forks
from benchmarks.killing.ledger import Ledger, Sent, violations
from benchmarks.killing.rounds import LASTS_S, run
from index import build
from index.store import Place, Store
from index.store.kept_listings import Decided, KeptPhoto
from tests.index.pictures import additions
from tests.serve.fakes import LayoutEmbedder

A, B, C = additions(1, views=3)


@pytest.fixture
def kept(tmp_path: Path) -> Place:
    """Two references and their gallery, as a service left them."""
    store = Store.open(tmp_path)
    store.put_brand("acme")
    store.put_references("acme", [A, B])
    build.build(store, LayoutEmbedder(), tmp_path / "gallery")
    store.close()
    return Place(tmp_path)


def told(place: Place, ledger: Ledger) -> list[str]:
    return [each.partition(":")[0] for each in violations(place, ledger, LayoutEmbedder.fingerprint)]


def both() -> Ledger:
    return Ledger(acknowledged={A.id: "acme", B.id: "acme"})


def test_what_was_promised_and_kept_is_no_violation(kept: Place) -> None:
    assert told(kept, both()) == []
    assert told(kept, Ledger(unanswered=Sent("acme", "key", (A.data, B.data)))) == []
    assert told(kept, Ledger(unanswered=Sent("acme", "key", (C.data,)))) == []


def test_a_broken_promise_is_told(kept: Place) -> None:
    lost, there, half = both(), both(), both()
    lost.acknowledged[C.id] = "acme"
    there.withdrawn.add(A.id)
    half.unanswered = Sent("acme", "key", (B.data, C.data))
    assert told(kept, lost) == ["acknowledged and lost"]
    assert told(kept, there) == ["withdrawn and there"]
    assert told(kept, half) == ["half an upload"]


def test_a_gallery_that_is_half_or_holds_what_its_version_did_not_is_told(kept: Place) -> None:
    store = Store.at(kept)
    store.put_references("acme", [C])
    manifest = kept.data_dir / "gallery" / "gallery.json"
    ahead = manifest.read_text().replace('"store_version": 2', f'"store_version": {store.version()}')
    store.close()
    manifest.write_text(ahead)
    assert told(kept, both()) == ["gallery of version 3, acme"]
    shard = next((kept.data_dir / "gallery" / "shards").iterdir())
    shard.write_bytes(shard.read_bytes()[:-1])
    assert told(kept, both()) == ["half a gallery"]


def test_a_lost_photo_is_told(kept: Place) -> None:
    (kept.data_dir / "blobs" / A.sha256[:2] / A.sha256).unlink()
    assert told(kept, both()) == [f"acme/{A.id}"]


def test_a_roll_out_that_is_not_as_it_was_answered_is_told(kept: Place) -> None:
    begun, unasked, in_doubt = both(), both(), both()
    begun.rolled("acme", 0.5)
    in_doubt.rollout_in_doubt = "acme"
    assert told(kept, begun) == ["roll-out of acme"]
    store = Store.at(kept)
    store.rollouts.put("acme", 0.5)
    store.close()
    assert told(kept, begun) == told(kept, in_doubt) == []
    assert told(kept, unasked) == ["roll-out of acme"]


def test_references_that_joined_a_roll_out_are_known_apart() -> None:
    ledger = both()
    ledger.rolled("acme", 0.0)
    ledger.acknowledge(Sent("acme", "key", (C.data,)))
    ledger.rolled("acme", 1.0)
    assert ledger.joined == {"acme": {C.id}}
    ledger.rolled("acme", None)
    assert (ledger.joined, ledger.rollouts) == ({}, {})


def test_an_answer_that_changed_and_a_revision_of_what_did_not_stand_are_told(kept: Place) -> None:
    store = Store.at(kept)
    verdict = json.dumps({"decision": "consistent", "brand": "acme", "set_version": 1})
    store.inspections.put("listing", verdict)
    decided = Decided("consistent", "acme", store.version())
    store.kept_listings.keep("listing", [KeptPhoto("a.jpg", A.data)], ["acme"], decided, True, timedelta(days=1), 2**20)
    store.put_references("acme", [C])
    rescan = store.rescans.claim("worker", store.version())
    assert rescan is not None
    (listing,) = store.kept_listings.left_for(rescan, 2)
    now = json.dumps({"decision": "unrecognised", "brand": None, "set_version": 2})
    assert store.rescans.looked(rescan, "worker", listing, Decided("unrecognised", None, store.version()), now)
    store.close()
    assert told(kept, Ledger(answers={"listing": ("consistent", "acme")})) == []
    assert told(kept, Ledger(answers={"listing": ("divergent", "acme")})) == ["inspection listing"] * 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_at_random_moments_lose_nothing(place: Place) -> None:
    tally = run(forks(), place, kills=12, seed=1)
    assert tally.violations == []
    assert tally.targets == dict.fromkeys(LASTS_S, 2)
    assert tally.acknowledged > 8
