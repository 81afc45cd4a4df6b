"""Look-alikes: how many flags on a known look-alike go, and how many on forgeries go with them.

`python -m benchmarks.look_alikes --artwork DIR`. Of each artwork one alteration (severity 3) is a look-alike, of
which a few photos are negative references; alterations of other kinds (severity 2 and 3) are forgeries. Every flag is
then held against the look-alike, through store, gallery and inspector as they serve.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from index import build, look_alikes
from index.intake import take_in
from index.negative_set import take_in as take_in_negatives
from index.reference_set import receive
from index.store import Store
from training.synthesis.artwork import Artwork, load_folder
from training.synthesis.forgery import KINDS, NotApplicable, forge
from training.synthesis.listings import encoded
from training.synthesis.product import PRODUCTS, mount
from vision.bundle import Bundle, carried
from vision.camera import PRESETS, photograph
from vision.embedder import OnnxEmbedder
from vision.inspection import Inspector
from vision.photo import decode
from vision.policy import Policy
from vision.verdict import Decision

REFERENCES, LOOK_ALIKES, FORGERIES = 8, 3, 4  # photos of a brand
NEGATIVES, ALPHAS = (4, 1), (0.01, 0.05)
SEED, ORDER = 9, 77

Rgba = NDArray[np.uint8]


@dataclass(frozen=True)
class Case:
    """One brand's photographs, as JPEG."""

    brand: str
    references: tuple[bytes, ...]
    negatives: tuple[bytes, ...]
    listings: tuple[tuple[str, bytes], ...]  # what each shows: look_alike or forgery


def case_of(artwork: Artwork, number: int) -> Case | None:
    """The photographs of a brand; None where its artwork allows no alteration."""
    rng = np.random.default_rng([5, number])
    kinds = [KINDS[i] for i in rng.permutation(len(KINDS))]
    first = next(_altered(artwork.pixels, kinds, 3, rng), None)
    products = [PRODUCTS[i] for i in rng.permutation(len(PRODUCTS))[:3]]
    if first is None:
        return None
    kind, look_alike = first

    def shots(drawn: Sequence[Rgba], what: int, condition: str) -> tuple[bytes, ...]:
        sent = [(SEED, number, what, i) for i in range(len(drawn))]
        return tuple(_shot(each, artwork.pixels, products[i % 3], sent[i], condition) for i, each in enumerate(drawn))

    others = [each for each in kinds if each != kind]
    forged = [drawn for _, drawn in _forgeries(artwork.pixels, others, rng)]
    listings = [("look_alike", photo) for photo in shots([look_alike] * LOOK_ALIKES, 3, "mild")]
    listings += [("forgery", photo) for photo in shots(forged, 4, "mild")]
    genuine = shots([artwork.pixels] * REFERENCES, 1, "studio")
    return Case(artwork.name, genuine, shots([look_alike] * max(NEGATIVES), 2, "studio"), tuple(listings))


def _altered(
    artwork: Rgba, kinds: Sequence[str], severity: int, rng: np.random.Generator
) -> Iterator[tuple[str, Rgba]]:
    for kind in kinds:
        try:
            yield kind, forge(artwork, kind, severity, rng).artwork
        except NotApplicable:
            continue


def _forgeries(artwork: Rgba, kinds: Sequence[str], rng: np.random.Generator) -> list[tuple[str, Rgba]]:
    made: list[tuple[str, Rgba]] = []
    for kind in kinds:
        if len(made) < FORGERIES:
            made += _altered(artwork, [kind], 2 + len(made) % 2, rng)
    return made


def _shot(drawn: Rgba, genuine: Rgba, product: str, seed: Sequence[int], condition: str) -> bytes:
    rng = np.random.default_rng(seed)
    mounting, camera = rng.spawn(2)
    mounted = mount(drawn, product, mounting, genuine=genuine)
    side_px = int(rng.integers(400, 720))
    return encoded(photograph(mounted.canvas, PRESETS[condition], camera, side_px, mounted.mark).photo)


def measure(cases: Sequence[Case], negatives: int, folder: Path) -> Counter[tuple[float, str, str]]:
    """How often each alpha and kind of listing was flagged without look-alikes, and of these `known` with them."""
    bundle = Bundle.open(carried())
    embedder, store = OnnxEmbedder(bundle), Store.open(folder)
    for case in cases:
        store.put_brand(case.brand)
        take_in(store, case.brand, [receive("photo", data) for data in case.references])
        known_marks = [receive("photo", data) for data in case.negatives[:negatives]]
        take_in_negatives(store, case.brand, "licensed", known_marks)
    gallery = build.open_or_build(store, embedder, folder / "gallery")
    known = look_alikes.open_or_build(store, embedder, folder)
    counted: Counter[tuple[float, str, str]] = Counter()
    plain = {alpha: Inspector.of(bundle, embedder, gallery, Policy(alpha=alpha)) for alpha in ALPHAS}
    for case in cases:
        for shows, data in case.listings:
            found = plain[ALPHAS[0]].recogniser.recognise(decode(data))
            for alpha, inspector in plain.items():
                if inspector.decide([found]).decision is Decision.DIVERGENT:
                    counted[alpha, shows, "flagged"] += 1
                    decided = inspector.with_look_alikes(known).decide([found]).decision
                    counted[alpha, shows, "known"] += decided is not Decision.DIVERGENT
    store.close()
    return counted


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a line a number of photos and alpha."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.look_alikes", description=__doc__)
    parser.add_argument("--artwork", type=Path, required=True, help="folder of artwork, one file a brand")
    parser.add_argument("--brands", type=int, default=26)
    parser.add_argument("--skip", type=int, default=0, help="of the brands, left out first")
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    artworks = load_folder(asked.artwork)
    order = [artworks[i] for i in np.random.default_rng(ORDER).permutation(len(artworks))]
    numbered = enumerate(order[: asked.skip + asked.brands])
    cases = [case for number, each in numbered if number >= asked.skip and (case := case_of(each, number))]
    for negatives in NEGATIVES:
        with tempfile.TemporaryDirectory() as folder:
            counted = measure(cases, negatives, Path(folder))
        for alpha in ALPHAS:
            told = [
                f"{counted[alpha, shows, 'known']} of {counted[alpha, shows, 'flagged']} flags on {shows} go"
                for shows in ("look_alike", "forgery")
            ]
            print(f"{negatives} photos of the look-alike, alpha {alpha:g}: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
