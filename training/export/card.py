"""Card: what a reader should know of a bundle before using it, as its README.md."""

import platform
from collections.abc import Iterator

from training.export.agreement import TIE
from training.export.source import Source
from training.export.trial import Trial
from vision.bundle import BundleSpec, EmbedderSpec, Variant
from vision.version import version

FILE = "README.md"
_COLUMNS = (
    ("image_cosine_min", "image cosine, worst"),
    ("image_cosine_mean", "mean"),
    ("top1", "nearest reference"),
    ("top5", "nearest five"),
    ("decisions", "decisions"),
    ("text_cosine_min", "text cosine, worst"),
    ("choices", "caption chosen"),
    ("photographs_per_second", "photos/s"),
)


def written(spec: BundleSpec, trial: Trial, source: Source) -> str:
    """The card of a bundle, in Markdown."""
    return "\n\n".join(_sections(spec, trial, source)) + "\n"


def _sections(spec: BundleSpec, trial: Trial, source: Source) -> Iterator[str]:
    embedder = spec.embedder
    yield f"# {spec.name}"
    yield "A Touchstone embedder bundle: images, and captions where it has a text tower, to unit vectors."
    yield _facts(spec, source)
    yield "## How far each precision says what PyTorch says"
    yield _probed(trial)
    yield _table(embedder)
    yield (
        f"fp16 and int8 had to decide as PyTorch does in {embedder.measured['parity_asked']['decisions']:.2%} of the"
        " photographs to be here."
    )
    if embedder.refused:
        yield "Left out:\n\n" + "\n".join(f"- {precision}: {why}" for precision, why in embedder.refused.items())
    if preprocessing := embedder.measured.get("preprocessing"):
        yield (
            "Images are resized by OpenCV when served. Against the resizing of the library the network comes from, the"
            f" vectors' cosine is {preprocessing['image_cosine_mean']:.4f} in the mean,"
            f" {preprocessing['image_cosine_min']:.4f} at worst."
        )
    yield "## Use"
    yield (
        f"`--bundle DIR` names the bundle, `--precision` (or `TOUCHSTONE_PRECISION`) another of its precisions than"
        f" {embedder.precision}. Vectors of two precisions do not compare: galleries are built anew. The bundle"
        " holds an embedder only; fit its scorer with `python -m training.rehearsal`, `training.scorer` and"
        " `training.calibrate`."
    )


def _facts(spec: BundleSpec, source: Source) -> str:
    embedder = spec.embedder
    facts = {
        "from": embedder.origin,
        "architecture": embedder.architecture,
        "licence": spec.licence,
        "input": f"{embedder.input_px} px square, by `{embedder.resize}`",
        "vector": f"{embedder.dim} numbers",
        "text tower": f"yes, {embedder.context_tokens} tokens" if embedder.text else f"none: {source.without_text}",
        "served": str(embedder.precision),
        "made by": f"touchstone {version()}",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())])


def _probed(trial: Trial) -> str:
    probe = trial.probe
    brands = len(set(probe.reference_brands.tolist()))
    strangers = int((probe.query_brands < 0).sum())
    processor = platform.processor() or platform.machine()
    return (
        f"{len(probe.queries)} photographs, made by the camera model, of {brands} fictional brands and of {strangers}"
        f" strangers, held against {len(probe.references)} references. A decision is the brand of the nearest"
        f" reference, or none below a cosine of {trial.threshold:.4f}, where PyTorch tells brands from strangers best."
        f" Cosines closer than {TIE} are ties. PyTorch itself finds the brand of {trial.recall():.1%} of the brands'"
        " photographs: where that is little, vectors are much alike and agreement is hard to have. Speed is of one"
        f" thread on {processor}, in batches of eight."
    )


def _table(embedder: EmbedderSpec) -> str:
    head = ["precision", *(title for _, title in _COLUMNS), "made"]
    rows = [[precision, *_cells(variant)] for precision, variant in embedder.variants.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _cells(variant: Variant) -> list[str]:
    values = [variant.measured.get(name, float("nan")) for name, _ in _COLUMNS]
    return [*(f"{value:.4f}" if value <= 1 else f"{value:.0f}" for value in values), variant.made]
