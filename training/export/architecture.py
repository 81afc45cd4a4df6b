"""Architecture: any network that open_clip knows by name, with weights of a tag, of a file, or random ones."""

import difflib
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2

from training.export import lexicon, weights
from training.export.source import Network, Pixels, Source
from vision.bundle import sha256_of
from vision.errors import ConfigurationError

RANDOM_SEED = 0
_UNSTATED = "as the weights' publisher states"
_PIXEL_SETTINGS = ("mean", "std", "interpolation", "resize_mode")


def of_tag(architecture: str, tag: str) -> Source:
    """The network with the pretrained weights of a tag, downloaded where they are not yet there."""
    require_known(architecture)
    settings = weights.settings_of(architecture, tag)
    require_same_activation(architecture, tag, settings)
    file = weights.downloaded(architecture, tag, settings)
    network = _built(architecture, {key: settings[key] for key in _PIXEL_SETTINGS if key in settings})
    weights.load(network, file)
    return _source(architecture, network, tag, f"open_clip {architecture}, pretrained weights {tag}", _UNSTATED)


def of_file(architecture: str, file: Path) -> Source:
    """The network with the weights of a local checkpoint."""
    require_known(architecture)
    network = _built(architecture)
    weights.load(network, file)
    origin = f"open_clip {architecture}, weights of the file {file.name}, sha256 {sha256_of(file)}"
    return _source(architecture, network, file.stem, origin, _UNSTATED)


def of_chance(architecture: str) -> Source:
    """The network with random weights, the same at each call: for trying things out."""
    require_known(architecture)
    torch.manual_seed(RANDOM_SEED)
    network = _built(architecture)
    origin = f"open_clip {architecture}, RANDOM weights of seed {RANDOM_SEED}: it has learned nothing"
    return _source(architecture, network, "random", origin, "none needed: nothing was learned")


def tags(architecture: str) -> list[str]:
    """The pretrained weights of an architecture. Errors: `ConfigurationError` for one nobody knows."""
    require_known(architecture)
    return list(open_clip.list_pretrained_tags_by_model(architecture))


def _source(architecture: str, network: Network, weights_name: str, origin: str, licence: str) -> Source:
    pixels = PreprocessCfg(**network.visual.preprocess_cfg)
    words, why_none = lexicon.of_architecture(architecture, open_clip.get_model_config(architecture)["text_cfg"])
    return Source(
        name=f"{architecture}-{weights_name}".lower(),
        architecture=architecture,
        network=network,
        pixels=_pixels(architecture, pixels),
        lexicon=words,
        without_text=why_none,
        origin=origin,
        licence=licence,
        own_transform=image_transform_v2(pixels, is_train=False),
    )


def require_known(architecture: str) -> None:
    """Refuse a name that open_clip does not have, with the nearest ones; `ConfigurationError`."""
    known = open_clip.list_models()
    if architecture not in known:
        near = difflib.get_close_matches(architecture, known, 6, 0.4) or ["ViT-B-32", "MobileCLIP2-S0", "ViT-S-32"]
        raise ConfigurationError(
            f"{architecture!r} is no run folder, no file and no open_clip architecture; of the {len(known)}"
            f" architectures the nearest are {', '.join(near)}"
        )


def require_same_activation(architecture: str, tag: str, settings: Mapping[str, Any]) -> None:
    """Weights trained with one activation say something else with another, and nothing would fail."""
    quick = bool(settings.get("quick_gelu", False))
    if quick != bool(open_clip.get_model_config(architecture).get("quick_gelu", False)):
        other = f"{architecture}-quickgelu" if quick else architecture.removesuffix("-quickgelu")
        raise ConfigurationError(
            f"the weights {tag} were trained with {'QuickGELU' if quick else 'GELU'}, which {architecture} has not;"
            f" their vectors would be wrong: export {other}:{tag}"
        )


def _built(architecture: str, pixel_settings: Mapping[str, Any] | None = None) -> Network:
    try:
        with warnings.catch_warnings(), quiet():
            warnings.simplefilter("ignore")
            network = open_clip.create_model(
                architecture, load_weights=False, pretrained_text=False, force_preprocess_cfg=dict(pixel_settings or {})
            )
    except Exception as fault:  # open_clip, timm and transformers raise what they like
        raise ConfigurationError(f"open_clip cannot build {architecture} here: {fault}") from fault
    return network.eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Without open_clip's warning that a network has random weights: they are loaded next, or were asked for."""
    root = logging.getLogger()
    root.addFilter(_is_error)
    try:
        yield
    finally:
        root.removeFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _pixels(architecture: str, pixels: PreprocessCfg) -> Pixels:
    height, width = (pixels.size, pixels.size) if isinstance(pixels.size, int) else pixels.size
    if height != width:
        raise ConfigurationError(f"{architecture} takes images of {width} x {height} px; only square ones are served")
    return Pixels(height, tuple(pixels.mean), tuple(pixels.std), pixels.resize_mode)
