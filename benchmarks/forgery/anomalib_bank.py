"""Anomalib's own PatchCore as a bank, where it is installed.

Its backbone's weights come from a hub. Where they are not in the local cache, its model is fed the feature maps of a
network at hand instead: its neighbourhoods, coreset and score, on features that other rows use too.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.forgery.memory_bank import Bank

CORESET_SHARE = 0.1  # its default
BACKBONE, LAYERS = "wide_resnet50_2", ("layer2", "layer3")  # its defaults
SIDE_PX = 224
_TRIAL = np.random.default_rng(0).normal(size=(4, 8, 6, 6)).astype(np.float32)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as its backbone was trained


def absence() -> str:
    """Why anomalib cannot be used; empty where it can."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # what is not in the local cache is not waited for
    os.environ.setdefault("TQDM_DISABLE", "1")  # a bar of its own for each brand
    try:
        _model_class()
    except Exception as fault:  # an import of a large package fails in many ways
        return f"anomalib cannot be imported ({type(fault).__name__}: {fault})"
    try:
        on_maps(_TRIAL, None).score(_TRIAL[:1], None)
    except Exception as fault:  # its insides are not promised to stay
        return f"anomalib is here, but its PatchCore cannot be used as it was ({type(fault).__name__}: {fault})"
    return ""


def backbone_absence() -> str:
    """Why anomalib's own backbone cannot be used; empty where it can."""
    try:
        _model_class()(layers=LAYERS, backbone=BACKBONE, pre_trained=True)
    except Exception as fault:  # the hub's client fails in many ways
        return f"the weights of its backbone {BACKBONE} are not in the local cache ({type(fault).__name__})"
    return ""


def _model_class() -> Any:
    from anomalib.models.image.patchcore.torch_model import PatchcoreModel

    return PatchcoreModel


@dataclass(frozen=True)
class Pixels:
    """Stands where a network does, and hands on the pictures themselves: anomalib's backbone makes the maps."""

    words: str = BACKBONE

    def maps(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Pictures `[H, W, 3]` as its backbone takes them, `[B, 3, S, S]`."""
        small = [cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA) for picture in pictures]
        scaled = (np.stack(small).astype(np.float32) / 255 - np.array(MEAN)) / np.array(STD)
        return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32)


class AnomalibBank:
    """Anomalib's model with its memory filled."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def score(self, maps: NDArray[np.float32], keep: NDArray[np.bool_] | None) -> float:
        """Its score of the picture. It knows no cells to leave out."""
        import torch

        with torch.inference_mode():
            return float(self._model(torch.from_numpy(maps)).pred_score[0])


def on_maps(maps: NDArray[np.float32], keep: NDArray[np.bool_] | None) -> Bank:
    """Its model filled with `N` feature maps `[N, C, h, w]` of genuine pictures."""
    model = _model_class()(layers=("layer4",), backbone="resnet18", pre_trained=False)
    model.feature_extractor = _handing_on(lambda maps: {"layer4": maps})
    return _filled(model, maps)


def on_pixels(pixels: NDArray[np.float32], keep: NDArray[np.bool_] | None) -> Bank:
    """Its model, on its own backbone, filled with genuine pictures `[N, 3, S, S]`."""
    return _filled(_model_class()(layers=LAYERS, backbone=BACKBONE, pre_trained=True), pixels)


def _handing_on(what: Any) -> Any:
    """A torch module that does `what` and holds nothing."""
    import torch

    class Passing(torch.nn.Module):
        def forward(self, *inputs: torch.Tensor) -> Any:
            return what(inputs[0])

    return Passing()


def _filled(model: Any, inputs: NDArray[np.float32]) -> Bank:
    """The model after it has seen the genuine; its picture of where is not asked for, and refuses small maps."""
    import torch

    model.anomaly_map_generator = _handing_on(lambda scores: scores)
    torch.manual_seed(0)
    np.random.seed(0)
    model.train()
    with torch.inference_mode():
        for one in inputs:
            model(torch.from_numpy(one[None]))
        model.subsample_embedding(CORESET_SHARE)
    model.eval()
    return AnomalibBank(model)
