"""Export: from a run or a bare checkpoint to a sealed bundle, refused where the files do not say what torch says."""

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import open_clip
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from training import checkpoint, data, model
from training.config import TrainConfig
from training.run import Run
from vision.bundle import Bundle, BundleSpec, EmbedderSpec, Part, write_spec
from vision.errors import ConfigurationError, ExportRefused, OutputExists
from vision.runtime import open_session
from vision.vocabulary import Vocabulary

OPSET = 17
LEAST_COSINE = 0.9995  # between torch's vectors and the files', on the worst of the probes
_PROBES = 64
_SMALL = 1024  # numbers; a tensor below this keeps full precision: scales and biases weigh little
IMAGE, TEXT, VOCABULARY = "image.onnx", "text.onnx", "vocabulary.json"


@dataclass(frozen=True)
class Parity:
    """Agreement of the exported towers with torch."""

    image_cosine: float  # worst of the probes
    text_cosine: float
    top1_agreement: float  # share of probes whose nearest other probe is the same


def run(run_or_model: str, out_dir: Path) -> Path:
    """Export the averaged model of a run folder -> the bundle's folder.

    Errors: `OutputExists` for a folder that holds something, `ExportRefused` where the files disagree with torch,
    `ConfigurationError` where there is no run.
    """
    folder = Run(Path(run_or_model))
    settings = folder.config()
    if out_dir.exists() and any(out_dir.iterdir()):
        raise OutputExists(f"{out_dir} is not empty; name a new folder for the bundle")
    network = _averaged(folder, settings)
    out_dir.mkdir(parents=True, exist_ok=True)
    try:
        return _write(network, settings, folder, out_dir)
    except BaseException:
        shutil.rmtree(out_dir)
        raise


def _averaged(folder: Run, settings: TrainConfig) -> open_clip.CustomTextCLIP:
    weights = folder.checkpoint / checkpoint.AVERAGE
    if not weights.is_file():
        raise ConfigurationError(f"{folder.path} has no checkpoint yet; wait for one, or train with `touchstone train`")
    network = model.build(settings.model, data.vocabulary(settings.model.context_tokens).size)
    average = AveragedModel(network, use_buffers=True)
    checkpoint.load_weights(average, weights)
    return average.module.eval()


def _write(network: open_clip.CustomTextCLIP, settings: TrainConfig, folder: Run, out_dir: Path) -> Path:
    words = data.vocabulary(settings.model.context_tokens)
    images = torch.rand(_PROBES, 3, settings.model.input_px, settings.model.input_px) * 2 - 1
    tokens = torch.from_numpy(words.encode(_captions()))
    image, text = model.ImageTower(network).eval(), model.TextTower(network).eval()
    export_tower(image, images[:2], out_dir / IMAGE, "image")
    export_tower(text, tokens[:2], out_dir / TEXT, "tokens")
    words.save(out_dir / VOCABULARY)
    agreement = parity(image, images, out_dir / IMAGE, text, tokens, out_dir / TEXT)
    _gate(agreement)
    write_spec(out_dir, _spec(settings, folder, words, agreement, out_dir))
    return Bundle.open(out_dir).path


def _captions() -> list[str]:
    from training.atlas import COLOURS

    return [data.caption(f"{colour} round", index % 10, index % 3) for index, colour in enumerate(COLOURS)]


def _spec(settings: TrainConfig, folder: Run, words: Vocabulary, agreement: Parity, out_dir: Path) -> BundleSpec:
    embedder = EmbedderSpec(
        architecture=settings.model.vision,
        input_px=settings.model.input_px,
        mean=model.MEAN,
        std=model.STD,
        resize="squash",
        dim=settings.model.dim,
        image=Part.of(out_dir / IMAGE),
        text=Part.of(out_dir / TEXT),
        vocabulary=Part.of(out_dir / VOCABULARY),
        context_tokens=words.context_tokens,
        config_digest=settings.digest(),
        measured={
            "validation": _last_metrics(folder),
            "parity": {key: round(v, 6) for key, v in vars(agreement).items()},
        },
    )
    return BundleSpec(format=1, name=settings.name, licence="Apache-2.0", embedder=embedder)


def _last_metrics(folder: Run) -> dict[str, float]:
    rows = folder.metrics()
    return rows[-1] if rows else {}


# --- one tower ----------------------------------------------------------------------------------


def export_tower(tower: nn.Module, example: Tensor, path: Path, name: str) -> None:
    """Write one tower with a free batch size and weights stored in half precision."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's notes on constants, and on the exporter's own age
        torch.onnx.export(
            tower,
            (example,),
            str(path),
            input_names=[name],
            output_names=["embedding"],
            dynamic_axes={name: {0: "batch"}, "embedding": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    onnx.save(halved(onnx.load(str(path))), str(path))


def halved(network: onnx.ModelProto) -> onnx.ModelProto:
    """The model with large weights stored as float16 and cast back when loaded: half the file, the same speed."""
    smaller = onnx.ModelProto()
    smaller.CopyFrom(network)
    casts = []
    for weight in smaller.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < _SMALL or np.abs(values).max() > 6e4:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for position, cast in enumerate(casts):
        smaller.graph.node.insert(position, cast)
    return smaller


# --- parity -------------------------------------------------------------------------------------


def parity(
    image: nn.Module, images: Tensor, image_file: Path, text: nn.Module, tokens: Tensor, text_file: Path
) -> Parity:
    """Compare the files with the modules they came from, on probes."""
    expected, found = _both(image, images, image_file)
    said, heard = _both(text, tokens, text_file)
    return Parity(_worst(expected, found), _worst(said, heard), float((_nearest(expected) == _nearest(found)).mean()))


def _both(tower: nn.Module, probes: Tensor, file: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    session = open_session(file)
    with torch.no_grad():
        expected = tower(probes).numpy()
    return expected, session.run({session.inputs[0]: probes.numpy()})[0]


def _worst(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    return float((expected * found).sum(1).min())


def _nearest(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -2)
    return np.asarray(cosine.argmax(1), np.int64)


def _gate(agreement: Parity) -> None:
    cosines = (agreement.image_cosine, agreement.text_cosine)
    if not all(cosine >= LEAST_COSINE for cosine in cosines):  # false for not-a-number too
        raise ExportRefused(
            f"the exported files differ from torch: worst cosine {cosines[0]:.6f} of images and {cosines[1]:.6f}"
            f" of captions, at least {LEAST_COSINE} is needed;"
            " this architecture does not survive the export"
        )
