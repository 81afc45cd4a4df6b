"""Source: a network to export, with all that a bundle has to say of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import open_clip
from PIL.Image import Image
from torch import Tensor

from vision.bundle import Channels, Resize

Network: TypeAlias = open_clip.CLIP  # or any other of open_clip's: with `encode_image`, `encode_text`, `visual`


@dataclass(frozen=True)
class Pixels:
    """How an image becomes the image tower's input."""

    input_px: int  # side of the square input
    mean: Channels
    std: Channels
    resize: Resize


class Lexicon(Protocol):
    """The words of a text tower, which can be written into a bundle."""

    @property
    def part(self) -> Literal["vocabulary", "tokenizer"]:
        """What it is in a bundle."""
        ...

    @property
    def context_tokens(self) -> int:
        """T."""
        ...

    def encode(self, captions: list[str]) -> Tensor:
        """Tokens `[B, T]`, as the network was trained on them."""
        ...

    def save(self, path: Path) -> None:
        """Write what `vision/words.py` reads."""
        ...


@dataclass(frozen=True, eq=False)
class Source:
    """A network in eval mode on the CPU, and where it is from."""

    name: str  # of the bundle
    architecture: str
    network: Network
    pixels: Pixels
    lexicon: Lexicon | None  # None: the text tower stays out
    without_text: str = ""  # why it does
    origin: str = ""
    licence: str = ""
    config_digest: str = ""
    measured: dict[str, dict[str, float]] = field(default_factory=dict)
    own_transform: Callable[[Image], Tensor] | None = None  # the library's way from image to input, to compare with
