"""Halves: a tower whose weights are stored in half precision and cast back when it is loaded."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_SMALL = 1024  # numbers; a tensor below this keeps full precision: scales and biases weigh little
_LARGEST = 6e4  # that a half can hold
MADE = "weights stored as float16, computed in float32"


def halved(network: onnx.ModelProto) -> onnx.ModelProto:
    """The model with large weights as float16: half the file, the same speed on a CPU, which has no half arithmetic."""
    smaller = onnx.ModelProto()
    smaller.CopyFrom(network)
    casts = []
    for weight in smaller.graph.initializer:
        values = numpy_helper.to_array(weight)
        if not _is_large(weight, values):
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for position, cast in enumerate(casts):
        smaller.graph.node.insert(position, cast)
    return smaller


def widened(network: onnx.ModelProto) -> onnx.ModelProto:
    """What `halved` was made from, but for the digits that it rounded away."""
    whole = onnx.ModelProto()
    whole.CopyFrom(network)
    weights = {weight.name: weight for weight in whole.graph.initializer}
    casts = [node for node in whole.graph.node if node.op_type == "Cast" and node.input[0] in weights]
    for cast in casts:
        weight = weights[cast.input[0]]
        weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float32), cast.output[0]))
        whole.graph.node.remove(cast)
    return whole


def _is_large(weight: onnx.TensorProto, values: NDArray[Any]) -> bool:
    """Vectors stay whole: among them are the scales of int8 weights, which the runtime wants as constants."""
    return (
        weight.data_type == TensorProto.FLOAT
        and values.ndim > 1
        and values.size >= _SMALL
        and bool(np.abs(values).max() <= _LARGEST)
    )
