"""A graph's linear maps: what an ONNX file computes with, as torch keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

_LINEAR = ("Conv", "Gemm", "MatMul")


@dataclass(frozen=True, eq=False)
class Map:
    """One linear map."""

    weight: Tensor  # [out, in] or [out, in, h, w]
    bias: Tensor | None
    is_named: bool  # whether the graph still has the name that torch had for it


def maps(model: onnx.ModelProto) -> list[Map]:
    """The linear maps of a graph whose weights it holds, in the order in which they are computed."""
    known = constants(model)
    nodes = [node for node in model.graph.node if node.op_type in _LINEAR and node.input[1] in known]
    return [_map(node, known) for node in nodes]


def constants(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    """The numbers that a graph holds, by the names they are used by, whatever precision they are stored in."""
    held = {weight.name: numpy_helper.to_array(weight) for weight in model.graph.initializer}
    casts = [node for node in model.graph.node if node.op_type == "Cast" and node.input[0] in held]
    held |= {cast.output[0]: held[cast.input[0]] for cast in casts}
    return {name: values.astype(np.float32) for name, values in held.items() if values.dtype.kind == "f"}


def _map(node: onnx.NodeProto, known: Mapping[str, NDArray[np.float32]]) -> Map:
    weight = torch.tensor(known[node.input[1]])
    as_torch = node.op_type == "Conv" or any(a.name == "transB" and a.i == 1 for a in node.attribute)
    has_bias = len(node.input) > 2 and node.input[2] in known
    bias = torch.tensor(known[node.input[2]]) if has_bias else None
    return Map(weight if as_torch else weight.T, bias, not node.input[1].startswith("onnx::"))
