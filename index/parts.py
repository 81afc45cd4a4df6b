"""Parts: the galleries that the service derives from a store by building, each in a folder of its own."""

from pathlib import Path
from typing import Literal

from index.build import GalleryBuilder
from index.source import Source
from index.store import Store
from vision.embedder import Embedder

Part = Literal["gallery", "baselines"]  # of the sets as they are; of what sets under roll-out were
GALLERY: Part = "gallery"
BASELINES: Part = "baselines"
PARTS = (GALLERY, BASELINES)


def source_of(part: Part, store: Store) -> Source:
    """What a part is built from."""
    return store if part == GALLERY else store.rollouts


def builder_of(part: Part, store: Store, embedder: Embedder, data_dir: Path, threads: int = 1) -> GalleryBuilder:
    """Whoever builds a part. What the other has made is not made again: one begins, and ends, as the other is."""
    lender = BASELINES if part == GALLERY else GALLERY
    return GalleryBuilder(source_of(part, store), embedder, data_dir / part, data_dir / lender, threads)
