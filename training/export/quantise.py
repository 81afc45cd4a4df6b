"""Quantise: int8 towers of an fp32 one, by the recipes that suit where its weights are.

Only products are rounded: matrix products, and convolutions where they hold most of the weights. Everything between
them, sums, norms and activations, stays in float32. Weights keep seven bits (`reduce_range`): processors that lack VNNI
add two products in 16 bits, which eight would overflow, so that one file would answer otherwise from machine to
machine. The one file that may use `onnxruntime.quantization`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.export.halves import halved

_BATCH = 8
_MATRICES = ("MatMul", "Gemm")
_WEIGHTS = {"weight_type": QuantType.QInt8, "per_channel": True, "reduce_range": True}  # of every recipe


@dataclass(frozen=True)
class Recipe:
    """One way to int8."""

    name: str
    operators: tuple[str, ...]
    calibrated: bool  # ranges of activations are learned beforehand, or found anew for each input

    @property
    def made(self) -> str:
        """For the card."""
        ranges = "ranges fixed on calibration photographs" if self.calibrated else "ranges found at each inference"
        return f"int8 {', '.join(self.operators)} ({self.name}: {ranges}), the rest float32"


OF_MATRICES = (Recipe("dynamic", _MATRICES, False), Recipe("static", _MATRICES, True))
OF_CONVOLUTIONS = (Recipe("static", ("Conv",), True), Recipe("static", ("Conv", *_MATRICES), True))


class _Fed(CalibrationDataReader):  # type: ignore[misc]
    """Inputs, batch by batch."""

    def __init__(self, name: str, inputs: NDArray[Any]) -> None:
        self._batches = ({name: inputs[start : start + _BATCH]} for start in range(0, len(inputs), _BATCH))

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        return next(self._batches, None)


def candidates(whole: Path, inputs: NDArray[Any] | None, folder: Path) -> Iterator[tuple[Recipe, Path]]:
    """Int8 forms of the fp32 tower `whole`, written into `folder`.

    `inputs` are what ranges are learned from; without any, only recipes that need none are followed.
    """
    ready = folder / f"{whole.stem}.ready.onnx"
    quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
    for number, recipe in enumerate(recipes(onnx.load(str(ready)))):
        if recipe.calibrated and inputs is None:
            continue
        path = folder / f"{whole.stem}.int8-{number}.onnx"
        _follow(recipe, ready, inputs, path)
        onnx.save(halved(onnx.load(str(path))), str(path))  # what stays in float32, such as a table of words
        yield recipe, path


def recipes(network: onnx.ModelProto) -> Sequence[Recipe]:
    """Those for the operators that hold most of the network's weights."""
    sizes = {weight.name: int(np.prod(weight.dims)) for weight in network.graph.initializer}
    held = dict.fromkeys(("Conv", *_MATRICES), 0)
    for node in network.graph.node:
        if node.op_type in held:
            held[node.op_type] += sum(sizes.get(name, 0) for name in node.input)
    return OF_CONVOLUTIONS if held["Conv"] > sum(held[kind] for kind in _MATRICES) else OF_MATRICES


def _follow(recipe: Recipe, ready: Path, inputs: NDArray[Any] | None, path: Path) -> None:
    if inputs is None or not recipe.calibrated:
        quantize_dynamic(
            str(ready),
            str(path),
            op_types_to_quantize=list(recipe.operators),
            **_WEIGHTS,
        )
        return
    name = onnx.load(str(ready), load_external_data=False).graph.input[0].name
    quantize_static(
        str(ready),
        str(path),
        _Fed(name, inputs),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=list(recipe.operators),
        activation_type=QuantType.QUInt8,  # with signed ones the runtime's kernels were half as fast
        calibrate_method=CalibrationMethod.MinMax,
        **_WEIGHTS,
    )
