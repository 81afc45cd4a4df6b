"""Look-alikes: the gallery of all brands' negative references, apart from the gallery that recognises."""

from pathlib import Path

from index.build import GalleryBuilder
from index.gallery import Gallery
from index.store import Store
from vision.embedder import Embedder

FOLDER = "look-alikes"  # beside the gallery of references


class LookAlikes:
    """Keeps that gallery up to the store, and open: what is looked at anew is what changed."""

    def __init__(self, store: Store, embedder: Embedder, data_dir: Path) -> None:
        self._builder = GalleryBuilder(store.negatives, embedder, data_dir / FOLDER)

    def current(self) -> Gallery:
        """All negative references; derived from the store like the other gallery, and like it rebuilt."""
        return self._builder.current()


def open_or_build(store: Store, embedder: Embedder, data_dir: Path) -> Gallery:
    """The gallery of negative references, current, for whoever asks once."""
    return LookAlikes(store, embedder, data_dir).current()
