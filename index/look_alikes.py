"""Look-alikes: the gallery of all brands' negative references, apart from the gallery that recognises."""

from pathlib import Path

from index import build
from index.gallery import Gallery
from index.store import Store
from vision.embedder import Embedder

FOLDER = "look-alikes"  # beside the gallery of references


def open_or_build(store: Store, embedder: Embedder, data_dir: Path) -> Gallery:
    """The gallery of negative references, current; derived from the store like the other, and like it rebuilt."""
    return build.open_or_build(store.negatives, embedder, data_dir / FOLDER)
