"""What one look costs: a photo held against one brand, stage by stage, on one core, as its references grow.

Run: `python -m benchmarks.look [--bundle DIR] [--references 1 2 4 8 16] [--photos 6] [--rounds 5]`. Photographs a
fictional brand, enrols it with so many references, and prints the milliseconds of CPU of each stage (the least of the
rounds, the mean over photos), their total beside the embedding, and that total against the embedding's.

A feature detector takes and frees some 50 MB a photo; what glibc gives back it pays for again. `deploy/Dockerfile` sets
MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_ against that: set them here too to measure what is deployed.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is loaded

import argparse
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from index.folder import brand_folders, passing_gallery
from training.synthesis import samples
from training.synthesis.listings import write
from training.synthesis.plan import Plan
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder
from vision.geometry.alignment import Alignment
from vision.geometry.features import LocalFeatures, extract
from vision.inspection import comparator_of, models_of
from vision.measures import divergence
from vision.photo import decode
from vision.policy import Policy
from vision.recognition import References
from vision.regions import region
from vision.scorer import Scorer, inputs_of
from vision.sighting import find, locate, sight
from vision.template import Template

STAGES = ("decode", "features", "embed", "search", "align", "register", "measure", "comparator", "score")
BESIDE = tuple(stage for stage in STAGES if stage != "embed")
Costs = Mapping[str, float]  # stage -> milliseconds of CPU


class Stopwatch:
    """CPU time of this process by stage, summed."""

    def __init__(self) -> None:
        self.ms: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Put what is done inside down to a stage."""
        began = time.process_time()
        yield
        self.ms[name] += (time.process_time() - began) * 1000


@dataclass(frozen=True, eq=False)
class Models:
    """What a bundle holds, each on one thread."""

    embedder: OnnxEmbedder
    comparator: divergence.PairComparator
    scorer: Scorer

    @classmethod
    def of(cls, bundle: Bundle) -> "Models":
        """From a bundle that has all of them."""
        embedder, comparator, scorer = OnnxEmbedder(bundle), comparator_of(bundle), bundle.part("scorer")
        if comparator is None or scorer is None:
            raise SystemExit(f"the bundle {bundle.path} has no comparator or no scorer; name one that has both")
        return cls(embedder, comparator, Scorer.load(scorer, models_of(embedder.fingerprint, comparator)))


def look(data: bytes, references: References, models: Models, policy: Policy) -> Costs | None:
    """One look as `vision.recognition` takes it, each stage timed; None where the mark was not found."""
    watch = Stopwatch()
    brand = references.brands[0]
    template = references.templates(brand)[0]
    with watch.stage("decode"):
        photo = decode(data).fit(policy.working_side_px)
    with watch.stage("features"):
        features = extract(photo.pixels, policy.max_features)
    with watch.stage("embed"):
        vectors = models.embedder.embed([region.crop(photo, r) for r in region.propose(photo, policy.max_regions)])
    with watch.stage("search"):
        near = references.nearest(vectors, policy.neighbours).best_by_brand()
    with watch.stage("align"):
        found = _aligned(photo.pixels, features, template)
    if found is None:
        return None
    with watch.stage("register"):
        sighting = sight(photo.pixels, features, template, found)
    with watch.stage("embed"):
        vector = models.embedder.embed([sighting.registered.pixels])
    with watch.stage("search"):
        close = references.nearest(vector, 1, brand).best_by_brand()[brand]
    with watch.stage("comparator"):
        kept = template.stack[: policy.max_references]
        models.comparator.compare(sighting.registered.pixels, kept, template.ink)
    with watch.stage("measure"):
        sighting = replace(sighting, embedding=close, embedding_photo=near[brand])
        measured = divergence.measure(sighting, template, policy.max_references)
    with watch.stage("score"):
        inputs = inputs_of(measured.measures, template.genuine)
        models.scorer.divergence(inputs)
        models.scorer.recognition(inputs)
    return watch.ms


def _aligned(pixels: NDArray[np.uint8], features: LocalFeatures, template: Template) -> Alignment | None:
    return locate(features, template) or find(pixels, features, template)


def least(data: bytes, references: References, models: Models, rounds: int) -> Costs | None:
    """Each stage's least of the rounds, after one look that warms what is kept; None where the mark was not found."""
    look(data, references, models, Policy())
    looks = [found for _ in range(rounds) if (found := look(data, references, models, Policy())) is not None]
    return {stage: min(one[stage] for one in looks) for stage in STAGES} if looks else None


def means(costs: Mapping[int, Sequence[Costs | None]]) -> dict[int, Costs]:
    """The mean of each stage over those photos in which every number of references found the mark."""
    shared = [photo for photo in zip(*costs.values(), strict=True) if None not in photo]
    if not shared:
        raise SystemExit("the mark was found in none of the photos; ask for more --photos")
    columns = zip(*shared, strict=True)
    return {
        count: {stage: float(np.mean([one[stage] for one in column if one])) for stage in STAGES}
        for count, column in zip(costs, columns, strict=True)
    }


def report(costs: Mapping[int, Costs]) -> Table:
    """A row a stage, a column a number of references."""
    table = Table("milliseconds of CPU", *(f"{count} ref." for count in costs), box=None, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for stage in STAGES:
        table.add_row(stage, *(f"{each[stage]:.1f}" for each in costs.values()))
    beside = [sum(each[stage] for stage in BESIDE) for each in costs.values()]
    table.add_section()
    table.add_row("beside the embedding", *(f"{total:.1f}" for total in beside), style="bold")
    ratios = [total / each["embed"] for total, each in zip(beside, costs.values(), strict=True)]
    table.add_row("of the embedding", *(f"{ratio:.1f}x" for ratio in ratios))
    table.add_row("of the first column", *(f"{total / beside[0]:.2f}x" for total in beside))
    return table


def measure(counts: Sequence[int], photos: int, rounds: int, models: Models) -> dict[int, Costs]:
    """Costs by number of references, all of one fictional brand and the same photos."""
    plan = Plan(brands=1, references=max(counts), listings=photos, unrelated=0, listing_conditions=("mild",))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "set"
        list(write(plan, samples.brands()[:1], out))
        listings = [file.read_bytes() for file in sorted((out / "listings").iterdir())]
        [(brand, files)] = brand_folders(out / "references").items()
        costs = {}
        for count in counts:
            with passing_gallery({brand: files[:count]}, models.embedder) as gallery:
                costs[count] = [least(data, gallery, models, rounds) for data in listings]
        return means(costs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="default: the carried one")
    parser.add_argument("--references", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--photos", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    models = Models.of(Bundle.open(chosen.bundle or carried()))
    costs = measure(chosen.references, chosen.photos, chosen.rounds, models)
    console = Console()
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, OpenCV {cv2.__version__}, one thread")
    console.print(report(costs))


if __name__ == "__main__":
    main()
