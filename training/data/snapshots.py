"""Snapshots: several views of each brand from photographs of real goods, some of them of forgeries."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.config import Stage, TrainConfig
from training.config.data import RetouchConfig
from training.data.batch import Batch
from training.data.captions import product_prompt
from training.data.entry import Album, Entry, by_brand
from training.data.retouch import retouch
from training.data.split import split
from training.data.tokens import Tokeniser
from training.data.validation import Validation

_ROOM = 1.25  # side that photographs are brought to before they are varied, of the side they are seen at
_MOST_REFERENCES = 4
_MOST_QUERIES = 8  # of a brand and label


@dataclass(frozen=True)
class Brand:
    """Rows of one brand's photographs."""

    genuine: tuple[int, ...]
    forged: tuple[int, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry], rows: Sequence[int]) -> "Brand":
        """Sort a brand's rows."""
        used = [row for row in rows if entries[row].split != "test"]
        return cls(tuple(r for r in used if not entries[r].forged), tuple(r for r in used if entries[r].forged))


@dataclass(frozen=True, eq=False)
class Snapshots:
    """Views of brands from an album; they depend on the generator given alone."""

    album: Album
    brands: tuple[Brand, ...]
    retouch: RetouchConfig
    tokenise: Tokeniser

    @property
    def brand_count(self) -> int:
        """How many brands there are to choose from."""
        return len(self.brands)

    def photograph(
        self, chosen: NDArray[np.int64], views: int, forged_views: int, stage: Stage, rng: np.random.Generator
    ) -> Batch:
        """`views` photographs of each chosen brand, the last `forged_views` of them forged where there are any."""
        rows = [row for brand in chosen for row in self._views(self.brands[brand], views, forged_views, rng)]
        square = squares(self.album, rows, round(stage.input_px * _ROOM))
        images = retouch(square, self.retouch, stage.input_px, int(rng.integers(2**62)))
        return _batch(self.album, rows, chosen.repeat(views), images, self.tokenise)

    def _views(self, brand: Brand, views: int, forged_views: int, rng: np.random.Generator) -> list[int]:
        forged = _draw(brand.forged, forged_views, rng) if brand.forged else []
        return [*_draw(brand.genuine, views - len(forged), rng), *forged]


def training_and_validation(album: Album, settings: TrainConfig) -> tuple[tuple[Brand, ...], tuple[Brand, ...]]:
    """Brands to learn from and brands held out: as their rows say, else by the digest of their names."""
    rows = by_brand(album.entries)
    brands = {name: Brand.of(album.entries, own) for name, own in rows.items()}
    said = {name: {album.entries[row].split for row in own} - {"test"} for name, own in rows.items()}
    learned = tuple(brands[name] for name in rows if said[name] == {"train"})
    held_out = tuple(brands[name] for name in rows if said[name] == {"validation"})
    open_ = [name for name in rows if said[name] == {""}]
    parts = split(open_, 0 if held_out else settings.data.validation_brands)
    named = [[brands[open_[row]] for rows_ in side for row in rows_] for side in (parts.training, parts.validation)]
    return (*learned, *named[0]), (*held_out, *named[1])


def validation(album: Album, brands: Sequence[Brand], size_px: int, tokenise: Tokeniser) -> Validation:
    """Up to four genuine references of each brand; its other photographs ask, genuine and forged."""
    rows: list[int] = []
    owners: list[int] = []
    is_reference: list[bool] = []
    for owner, brand in enumerate(brands):
        references = min(_MOST_REFERENCES, len(brand.genuine) // 2)
        asked = [*brand.genuine[references:][:_MOST_QUERIES], *brand.forged[:_MOST_QUERIES]]
        rows += [*brand.genuine[:references], *asked]
        is_reference += [True] * references + [False] * len(asked)
        owners += [owner] * (references + len(asked))
    images = squares(album, rows, size_px)
    return Validation(_batch(album, rows, np.array(owners), images, tokenise), np.array(is_reference))


def squares(album: Album, rows: Sequence[int], side_px: int) -> Tensor:
    """Photographs squeezed to squares, as the embedder is served them: `uint8 [B, 3, P, P]`."""
    sized = [_square(album.image(row), side_px) for row in rows]
    return torch.from_numpy(np.stack(sized)).permute(0, 3, 1, 2).contiguous()


def _square(image: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    shrinks = min(image.shape[:2]) > side_px
    kind = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (side_px, side_px), interpolation=kind), np.uint8)


def _draw(rows: Sequence[int], count: int, rng: np.random.Generator) -> list[int]:
    """`count` rows, none twice before all were drawn."""
    rounds = -(-count // len(rows))
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:count].tolist() if count else []


def _batch(album: Album, rows: Sequence[int], owners: NDArray[np.int64], images: Tensor, tokenise: Tokeniser) -> Batch:
    entries = [album.entries[row] for row in rows]
    return Batch(
        images,
        torch.from_numpy(owners),
        torch.tensor([each.forged for each in entries]),
        torch.from_numpy(tokenise([caption(each) for each in entries])),
    )


def caption(entry: Entry) -> str:
    """What an entry says of itself, or what its brand and product say."""
    place = f" on {product_prompt(entry.product)}" if entry.product else ""
    return entry.caption or f"a photo of a {entry.brand} mark{place}"
