"""Writing: from a request to a sealed bundle, or to none at all."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from training.export import card, sources, tower, trial, variants
from training.export.probe import ProbePlan
from training.export.request import Request
from training.export.source import Source
from training.export.trial import Trial
from training.export.variants import Judged, Made
from vision.bundle import Bundle, BundleSpec, EmbedderSpec, Part, Precision, Variant, write_spec
from vision.errors import ExportRefused, OutputExists
from vision.words import words_of

LEXICON_FILES = {"vocabulary": "vocabulary.json", "tokenizer": "tokenizer.json"}
Say = Callable[[str], None]


def run(request: Request, out_dir: Path, say: Say = lambda _: None) -> Path:
    """Export what is asked for -> the bundle's folder. `say` hears of each stage.

    Errors: `OutputExists` for a folder that holds something, `ExportRefused` where towers that must be there differ
    from PyTorch, and those of `sources.find`.
    """
    if out_dir.exists() and any(out_dir.iterdir()):
        raise OutputExists(f"{out_dir} is not empty; name a new folder for the bundle")
    source = sources.find(request)
    out_dir.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=out_dir.parent) as workshop:
            return _write(source, request, out_dir, Path(workshop), say)
    except BaseException:
        shutil.rmtree(out_dir)
        raise


def _write(source: Source, request: Request, out_dir: Path, workshop: Path, say: Say) -> Path:
    say(f"asking PyTorch about {request.queries} photographs of fictional brands")
    held = Trial.of(source, ProbePlan.of(request.queries))
    whole = _whole(source, held, workshop)
    judged = {precision: _judge(precision, whole, request, held, workshop, say) for precision in _made(request)}
    kept = {p: variants.install(p, judged[p], out_dir) for p in request.precisions if not judged[p].faults}
    spec = _spec(source, request, held, judged, kept, out_dir)
    write_spec(out_dir, spec)
    (out_dir / card.FILE).write_text(card.written(spec, held, source), encoding="utf-8")
    bundle = Bundle.open(out_dir)
    _require_same_words(source, held, bundle)
    return bundle.path


def _made(request: Request) -> list[Precision]:
    """fp32 first, wanted or not: the others are made from it."""
    return ["fp32", *(precision for precision in request.precisions if precision != "fp32")]


def _whole(source: Source, held: Trial, workshop: Path) -> Made:
    """The fp32 towers, each in a folder of its own."""
    paths: dict[tower.Side, Path] = {side: workshop / side / f"{side}.onnx" for side in ("image", "text")}
    for path in paths.values():
        path.parent.mkdir()
    tower.write(tower.tower(source.network, "image"), held.example_image(), paths["image"], "image")
    if source.lexicon is not None:
        tower.write(tower.tower(source.network, "text"), held.example_tokens(), paths["text"], "text")
    return Made(paths["image"], paths["text"] if source.lexicon is not None else None, "float32 throughout")


def _judge(precision: Precision, whole: Made, request: Request, held: Trial, workshop: Path, say: Say) -> Judged:
    say(f"making and judging {precision}")
    judged = variants.best(variants.made(precision, whole, held, workshop), held, request.gate(precision))
    if precision in request.needed:
        variants.require(precision, judged)
    return judged


def _spec(
    source: Source,
    request: Request,
    held: Trial,
    judged: dict[Precision, Judged],
    kept: dict[Precision, Variant],
    out_dir: Path,
) -> BundleSpec:
    served = _served(request, kept)
    words = _saved_words(source, out_dir)
    embedder = EmbedderSpec(
        architecture=source.architecture,
        input_px=source.pixels.input_px,
        mean=source.pixels.mean,
        std=source.pixels.std,
        resize=source.pixels.resize,
        dim=held.expected.queries.shape[1],
        image=kept[served].image,
        text=kept[served].text,
        context_tokens=source.lexicon.context_tokens if source.lexicon else None,
        config_digest=source.config_digest,
        measured=_measured(source, request, held, kept[served]),
        origin=source.origin,
        precision=served,
        variants=kept,
        refused={p: variants.reason(p, judged[p]) for p in request.precisions if p not in kept},
        **words,
    )
    licence = request.licence or source.licence
    return BundleSpec(format=1, name=source.name, licence=licence, embedder=embedder)


def _served(request: Request, kept: dict[Precision, Variant]) -> Precision:
    """As asked; else fp16, which costs nothing and halves the file, else what there is."""
    if not kept:
        raise ExportRefused(f"none of {', '.join(request.precisions)} agrees with PyTorch; add fp32 to the precisions")
    if request.serve is not None:
        return request.serve
    return "fp16" if "fp16" in kept else next(iter(kept))


def _saved_words(source: Source, out_dir: Path) -> dict[str, Part]:
    if source.lexicon is None:
        return {}
    path = out_dir / LEXICON_FILES[source.lexicon.part]
    source.lexicon.save(path)
    return {source.lexicon.part: Part.of(path)}


def _measured(source: Source, request: Request, held: Trial, served: Variant) -> dict[str, dict[str, float]]:
    asked = {"decisions": request.least_decisions, "photographs": float(len(held.probe.queries))}
    rows = source.measured | {
        "parity": served.measured,
        "parity_asked": asked,
        "preprocessing": trial.preprocessing(source, held),
    }
    return {name: row for name, row in rows.items() if row}


def _require_same_words(source: Source, held: Trial, bundle: Bundle) -> None:
    """Serving must read captions as PyTorch's tokenizer does."""
    if source.lexicon is None or held.tokens is None:
        return
    if (words_of(bundle).encode(held.probe.captions) != held.tokens).any():
        raise ExportRefused("the words written into the bundle give other tokens than those the network was trained on")
