"""The composition root of the command line: the one place where bundle, store, gallery and inspector are wired."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import index.build
import index.look_alikes
from cli import console
from cli.options import precision_of
from index import folder
from index.gallery import Gallery
from index.own_scores import calibrated
from index.reference_set import Admission
from index.store import Actor, Place, Store, acting
from index.store.place import BLOBS_URL_VARIABLE, DATABASE_URL_VARIABLE
from index.store.tenants import COMMAND_LINE
from vision.bundle import Bundle, carried
from vision.embedder import Embedder, OnnxEmbedder
from vision.errors import ConfigurationError
from vision.faults.lettering import reader
from vision.inspection import Inspector
from vision.policy import Policy

GALLERY_DIR = "gallery"  # inside the data folder


def place_of(data_dir: Path) -> Place:
    """Where the store of a data folder is: in it, but for what the environment puts elsewhere."""
    database, blobs = (os.environ.get(name) or None for name in (DATABASE_URL_VARIABLE, BLOBS_URL_VARIABLE))
    return Place(data_dir, database, blobs)


@contextmanager
def opened(data_dir: Path) -> Iterator[Store]:
    """The store of a data folder, made where there is none, closed at the end."""
    store = Store.at(place_of(data_dir))
    try:
        with acting(Actor(COMMAND_LINE)):
            yield store
    finally:
        store.close()


def open_bundle(path: Path | None, precision: str | None = None) -> Bundle:
    """The bundle at `path`, or the carried one, in the precision of this name, or in the one that its spec serves."""
    return Bundle.open(path or carried(), precision_of(precision))


def enrol(store: Store, folders: Mapping[str, Sequence[Path]]) -> dict[str, Admission]:
    """Enrol brand after brand, each durable when it is done, with a progress bar."""
    admissions = {}
    with console.progress("enrolling") as advance:
        for brand, paths in folders.items():
            admissions[brand] = folder.enrol(store, brand, paths)
            advance(len(admissions), len(folders))
    return admissions


def build_gallery(store: Store, data_dir: Path, embedder: Embedder) -> Gallery:
    """The gallery of what the store holds now; only what changed is embedded, with a progress bar."""
    with console.progress("building the gallery") as advance:
        gallery = index.build.open_or_build(
            store, embedder, data_dir / GALLERY_DIR, lambda made: advance(made.done, made.total)
        )
    for reference in gallery.unreadable:
        console.complain(f"left out of the gallery: {reference}")
    return gallery


def open_bare(store: Store, data_dir: Path, bundle: Bundle, policy: Policy) -> tuple[Inspector, Gallery]:
    """An inspector as the bundle makes it, with the gallery of the store's references that it is over.

    Errors: `ConfigurationError` where nothing is enrolled.
    """
    embedder = OnnxEmbedder(bundle)
    gallery = build_gallery(store, data_dir, embedder)
    if not gallery.brands:
        raise ConfigurationError(
            f"nothing is enrolled in {data_dir}; run `touchstone enroll ROOT --data {data_dir}`, or name another folder"
        )
    return Inspector.of(bundle, embedder, gallery, policy, reader()), gallery


def open_inspector(store: Store, data_dir: Path, bundle: Bundle, policy: Policy) -> Inspector:
    """An inspector over the store's references, calibrated on brands' own scores. It knows look-alikes.

    Errors: `ConfigurationError` where nothing is enrolled, `FingerprintMismatch` where another scorer made the scores.
    """
    inspector, gallery = open_bare(store, data_dir, bundle, policy)
    known = index.look_alikes.open_or_build(store, inspector.recogniser.embedder, data_dir)
    return calibrated(inspector, store, gallery).with_look_alikes(known)
