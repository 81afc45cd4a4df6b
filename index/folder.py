"""Folder: reference sets as a folder holds them, `ROOT/<brand>/*.jpg|png|...`, enrolled into a store."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.build import Progress, open_or_build
from index.gallery import Gallery
from index.intake import take_in
from index.reference_set import Admission, brand_id, receive
from index.store import Store
from vision.embedder import Embedder
from vision.errors import FolderInvalid
from vision.photo import PhotoLimits

# Only to leave notes and tables aside: what a photo is, its bytes decide, and other image formats are refused by name.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".heic", ".heif", ".tif", ".tiff", ".bmp"})


def brand_folders(root: Path) -> dict[str, tuple[Path, ...]]:
    """Photo files of each brand under `root`, by brand id; `FolderInvalid`, `BrandNameInvalid`."""
    if not root.is_dir():
        raise FolderInvalid(f"{root} is no folder; give one that holds a folder of photos for each brand")
    found: dict[str, tuple[Path, ...]] = {}
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        brand = brand_id(folder.name)
        if brand in found:
            raise FolderInvalid(
                f"two folders under {root} name the brand {brand!r}; ids ignore case: rename or merge them"
            )
        found[brand] = tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES))
    if not found:
        raise FolderInvalid(f"{root} holds no brand folders; put each brand's photos in a folder named for it")
    return found


def enrol(
    store: Store, brand: str, paths: Sequence[Path], limits: PhotoLimits = PhotoLimits(), name: str | None = None
) -> Admission:
    """Add a brand's photo files to the store; what was refused is in the admission's results."""
    store.put_brand(brand, name)
    uploads = [receive(path.name, path.read_bytes(), limits) for path in paths]
    return take_in(store, brand, uploads).admission


@contextmanager
def passing_gallery(
    folders: Mapping[str, Sequence[Path]], embedder: Embedder, progress: Callable[[Progress], None] | None = None
) -> Iterator[Gallery]:
    """A gallery of these folders, made through a store of its own that is gone afterwards: for measuring."""
    with tempfile.TemporaryDirectory(prefix="touchstone-") as data:
        store = Store.open(Path(data))
        try:
            for brand, paths in folders.items():
                enrol(store, brand, paths)
            yield open_or_build(store, embedder, Path(data) / "gallery", progress)
        finally:
            store.close()
