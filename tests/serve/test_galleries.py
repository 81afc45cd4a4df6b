"""The gallery of the baselines lies beside that of the sets, and each side of a roll-out is held to its own scores."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.look_alikes import LookAlikes
from index.parts import PARTS, builder_of
from index.store import Arm, Rollout, ScoreSet, Store
from index.store.rollouts import arm_of
from serve.desk import Desk
from serve.galleries import Galleries
from serve.metrics import Metrics
from serve.publisher import Publisher
from serve.snapshot import Snapshot
from tests.index.pictures import additions
from tests.serve.fakes import LayoutEmbedder, inspector, scorer
from vision.errors import BuildInterrupted
from vision.photo import PhotoLimits

ARMS: tuple[Arm, ...] = ("candidate", "baseline")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path)
    opened.put_brand("acme")
    opened.put_references("acme", additions(1))
    yield opened
    opened.close()


@pytest.fixture
def galleries(store: Store, tmp_path: Path) -> Galleries:
    sets, baselines = (builder_of(part, store, LayoutEmbedder(), tmp_path) for part in PARTS)
    return Galleries(store, sets, baselines, None)


def published(store: Store, galleries: Galleries, folder: Path) -> Snapshot:
    desk, embedder = Desk(PhotoLimits(), Metrics()), LayoutEmbedder()
    look_alikes = LookAlikes(store, embedder, folder)
    publisher = Publisher(store, lambda gallery: inspector(embedder, gallery), look_alikes, galleries, desk, Metrics())
    publisher.publish(galleries.current())
    return desk.current()


def test_where_nothing_was_ever_rolled_out_there_are_no_baselines(store: Store, galleries: Galleries) -> None:
    assert galleries.baselines(galleries.current()) is None


def test_a_gallery_built_with_what_was_abandoned_meanwhile_does_not_come_into_service(
    store: Store, galleries: Galleries
) -> None:
    store.rollouts.put("acme", 0.1)
    store.put_references("acme", additions(2))
    built = galleries.current()
    store.rollouts.abandon("acme")
    with pytest.raises(BuildInterrupted, match="abandoned while the gallery was built"):
        galleries.baselines(built)
    emptied = galleries.baselines(galleries.current())
    assert emptied is not None
    assert emptied.brands == ()


def test_each_side_is_held_to_the_scores_made_against_its_references(
    store: Store, galleries: Galleries, tmp_path: Path
) -> None:
    made_from = galleries.current().made_from("acme")
    scores = (0.1, 0.2)
    store.put_scores([ScoreSet("acme", "listings", scorer().fingerprint, made_from, 2, scores, datetime.now(UTC))])
    rollout, _ = store.rollouts.put("acme", 0.5)
    store.put_references("acme", additions(2))
    snapshot = published(store, galleries, tmp_path)
    new, old = (snapshot.inspector_of(None, listing(rollout, arm)) for arm in ARMS)
    assert (list(new.calibration.own), list(old.calibration.own)) == ([], ["acme"])


def listing(rollout: Rollout, wanted: Arm) -> str:
    """One that is drawn for a side."""
    return next(name for name in map(str, range(100)) if arm_of(rollout, name) == wanted)
