"""Variants: the towers in each precision, made, held against PyTorch, and kept or refused."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx

from training.export import halves, quantise
from training.export.agreement import Agreement, Gate
from training.export.trial import Trial
from vision.bundle import Part, Precision, Variant
from vision.errors import ExportRefused


@dataclass(frozen=True)
class Made:
    """Files of one precision, not yet judged."""

    image: Path
    text: Path | None
    how: str


@dataclass(frozen=True)
class Judged:
    """Files of one precision, what they agree in, and what falls short."""

    made: Made
    agreement: Agreement
    faults: tuple[str, ...]
    photographs_per_second: float


def made(precision: Precision, whole: Made, trial: Trial, folder: Path) -> Iterator[Made]:
    """The ways to this precision, from the fp32 towers."""
    if precision == "fp32":
        yield whole
    elif precision == "fp16":
        yield Made(_halved(whole.image, folder), whole.text and _halved(whole.text, folder), halves.MADE)
    else:
        yield from _quantised(whole, trial, folder)


def _halved(whole: Path, folder: Path) -> Path:
    path = folder / f"{whole.stem}.fp16.onnx"
    onnx.save(halves.halved(onnx.load(str(whole))), str(path))
    return path


def _quantised(whole: Made, trial: Trial, folder: Path) -> Iterator[Made]:
    """Captions are few and embedded once, so the text tower takes the first recipe that needs no calibration."""
    text = next(quantise.candidates(whole.text, None, folder), None) if whole.text else None
    for recipe, image in quantise.candidates(whole.image, trial.calibration_inputs(), folder):
        yield Made(image, text[1] if text else whole.text, recipe.made)


def best(candidates: Iterator[Made], trial: Trial, gate: Gate) -> Judged:
    """Of those that pass the gate the fastest; where none does, the one that agrees most."""
    several = list(candidates)
    speeds = trial.photographs_per_second([each.image for each in several])
    judged = [_judged(each, trial, gate, speed) for each, speed in zip(several, speeds, strict=True)]
    passed = [each for each in judged if not each.faults]
    if passed:
        return max(passed, key=lambda each: each.photographs_per_second)
    return max(judged, key=lambda each: each.agreement.decisions)


def _judged(each: Made, trial: Trial, gate: Gate, speed: float) -> Judged:
    found = trial.of_files(each.image, each.text)
    return Judged(each, found, tuple(gate.faults(found)), speed)


def reason(precision: Precision, judged: Judged) -> str:
    """Why a precision is refused, in one line."""
    return f"{'; '.join(judged.faults)} ({judged.made.how})" if judged.faults else f"{precision} passed"


def require(precision: Precision, judged: Judged) -> None:
    """Errors: `ExportRefused` where a precision that must be there fell short."""
    if judged.faults:
        raise ExportRefused(
            f"the {precision} towers differ from PyTorch on the probe photographs: {reason(precision, judged)};"
            + (" this network does not survive the export" if precision == "fp32" else " leave it out, or ask for less")
        )


def install(precision: Precision, judged: Judged, out_dir: Path) -> Variant:
    """Move the files into the bundle."""
    image, text = out_dir / f"image.{precision}.onnx", out_dir / f"text.{precision}.onnx"
    shutil.copyfile(judged.made.image, image)
    if judged.made.text is not None:
        shutil.copyfile(judged.made.text, text)
    return Variant(
        image=Part.of(image),
        text=Part.of(text) if judged.made.text is not None else None,
        made=judged.made.how,
        measured=judged.agreement.numbers() | {"photographs_per_second": round(judged.photographs_per_second, 1)},
    )
