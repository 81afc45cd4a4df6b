"""What rounding an embedder costs and wins: photos a second of each precision, and how far it agrees with fp32.

Run: `python -m benchmarks.precision [--bundle DIR] [--photos 1000]`. A bundle that holds one kind of towers only,
as the carried one does, gets the others made here, in a temporary folder, whether they would pass export's gate or not.
The photographs are those of `touchstone export`, of fictional brands. One thread; the ratios are to fp32.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy is loaded

import argparse
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime
from rich.console import Console
from rich.table import Table

from training import metrics
from training.export import agreement, halves, probe, quantise, served
from training.export.agreement import Agreement, Embedded
from training.export.probe import Probe, ProbePlan
from vision.bundle import Bundle, EmbedderSpec, Precision, carried
from vision.embedder import preprocess

Files = dict[str, Path]  # name -> image tower, fp32 first

_ORDER: tuple[Precision, ...] = ("fp32", "fp16", "int8")


@dataclass(frozen=True)
class Row:
    """One image tower, measured."""

    name: str
    megabytes: float
    photos_per_second: float
    agreement: Agreement  # with fp32
    recall: float  # of enrolled brands' photographs, nearest reference of their brand
    auroc: float  # enrolled brands' photographs nearer to a reference than strangers'


def measure(files: Files, drawn: Probe, spec: EmbedderSpec) -> list[Row]:
    """A row a tower, in the order of `files`; the first is the yardstick."""
    speeds = served.photographs_per_second(list(files.values()), drawn, spec)
    seen = [served.embedded(drawn, spec, served.opened(path, 1)) for path in files.values()]
    at = agreement.threshold(seen[0], drawn.reference_brands, drawn.query_brands)
    agreed = [agreement.agreement(seen[0], each, drawn.reference_brands, at) for each in seen]
    return [
        Row(name, path.stat().st_size / 1e6, speed, alike, _recall(each, drawn), _auroc(each, drawn))
        for (name, path), speed, alike, each in zip(files.items(), speeds, agreed, seen, strict=True)
    ]


def _recall(seen: Embedded, drawn: Probe) -> float:
    return agreement.recall(seen, drawn.reference_brands, drawn.query_brands)


def _auroc(seen: Embedded, drawn: Probe) -> float:
    near, known = agreement.nearness(seen).astype(float), drawn.query_brands >= 0
    return metrics.auroc(near[known], near[~known]) or float("nan")


def towers(bundle: Bundle, plan: ProbePlan, folder: Path) -> Files:
    """The image towers of a bundle in each precision; what it lacks is made from its own."""
    spec = bundle.spec.embedder
    if {"fp32", "int8"} <= set(spec.variants):
        return {name: bundle.path / spec.variants[name].image.file for name in sorted(spec.variants, key=_ORDER.index)}
    whole = spec.variants["fp32"].image if "fp32" in spec.variants else spec.image
    path = folder / "fp32.onnx"
    onnx.save(halves.widened(onnx.load(str(bundle.path / whole.file))), str(path))
    return dict(_made(path, spec, plan, folder))


def _made(whole: Path, spec: EmbedderSpec, plan: ProbePlan, folder: Path) -> Iterator[tuple[str, Path]]:
    yield "fp32", whole
    half = folder / "fp16.onnx"
    onnx.save(halves.halved(onnx.load(str(whole))), str(half))
    yield "fp16", half
    inputs = preprocess(probe.calibration_photographs(plan.calibration), spec)
    for recipe, path in quantise.candidates(whole, inputs, folder):
        yield f"int8 {recipe.name}: {', '.join(recipe.operators)}", path


def report(rows: Sequence[Row]) -> Table:
    """Speeds, sizes and agreement, a row a tower."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    heads = ("photos/s", "ratio", "MB", "cosine min", "mean", "top 1", "top 5", "decisions", "recall at 1", "AUROC")
    for head in ("tower", *heads):
        table.add_column(head, justify="left" if head == "tower" else "right")
    for row in rows:
        agreed = row.agreement
        shares = (agreed.image_cosine_min, agreed.image_cosine_mean, agreed.top1, agreed.top5, agreed.decisions)
        ratio = row.photos_per_second / rows[0].photos_per_second
        cells = [f"{row.photos_per_second:.1f}", f"{ratio:.2f}x", f"{row.megabytes:.1f}"]
        table.add_row(row.name, *cells, *(f"{share:.4f}" for share in (*shares, row.recall, row.auroc)))
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure as the command line says, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, help="default: the carried one")
    parser.add_argument("--photos", type=int, default=1000, help="that are decided on")
    chosen = parser.parse_args(arguments)
    bundle, plan = Bundle.open(chosen.bundle or carried()), ProbePlan.of(chosen.photos)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(towers(bundle, plan, Path(folder)), probe.draw(plan), bundle.spec.embedder)
    console = Console(width=150)
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, ONNX Runtime {onnxruntime.__version__}, one thread")
    console.print(f"{bundle.spec.name}, {bundle.spec.embedder.architecture}, {bundle.spec.embedder.input_px} px")
    console.print(report(rows))


if __name__ == "__main__":
    main()
