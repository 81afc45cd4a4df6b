"""A small network of open_clip's form, with CLIP's byte pairs, that exports within a second."""

import open_clip
import torch

from training.export.lexicon import ClipPairs
from training.export.source import Pixels, Source

SIDE_PX = 32


def network() -> open_clip.CLIP:
    """The same weights at each call."""
    torch.manual_seed(0)
    vision = open_clip.CLIPVisionCfg(layers=2, width=64, head_width=32, patch_size=8, image_size=SIDE_PX)
    text = open_clip.CLIPTextCfg(context_length=16, vocab_size=49408, width=32, heads=2, layers=1)
    return open_clip.CLIP(32, vision, text).eval()


def source() -> Source:
    """The network as a source."""
    return Source(
        name="tiny",
        architecture="tiny",
        network=network(),
        pixels=Pixels(SIDE_PX, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), "squash"),
        lexicon=ClipPairs(open_clip.get_tokenizer("ViT-B-32", context_length=16)),
        origin="made for a test",
        licence="none",
    )
