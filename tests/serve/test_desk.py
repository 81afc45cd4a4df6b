"""What is in service is matched, and what left its set is not, not even for the moment of a swap."""

from pathlib import Path

from index import build
from index.store import Store
from serve.desk import Desk
from serve.metrics import Metrics
from serve.snapshot import Snapshot
from tests.index.pictures import additions
from tests.serve.fakes import LayoutEmbedder, inspector
from vision.photo import PhotoLimits


def test_a_gallery_is_published_without_what_left_while_it_was_built(tmp_path: Path) -> None:
    store, embedder, desk = Store.open(tmp_path), LayoutEmbedder(), Desk(PhotoLimits(), Metrics())
    for brand, seed in (("acme", 1), ("zenith", 2)):
        store.put_brand(brand)
        store.put_references(brand, additions(seed, 1))
    gallery = build.build(store, embedder, tmp_path / "gallery")
    store.switches.off("acme", store.references("acme")[0].id)

    desk.publish(Snapshot(inspector(embedder, gallery), gallery), store.amendments)
    assert desk.current().inspector.recogniser.references.brands == ("zenith",)
    assert desk.current().gallery.brands == ("acme", "zenith")

    store.switches.off("zenith", store.references("zenith")[0].id)
    desk.amend(store.amendments)
    assert desk.current().inspector.recogniser.references.brands == ()
    store.close()
