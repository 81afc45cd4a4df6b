"""A mark taken apart: the few colours of raster artwork and the connected parts they form.

Colours are a small k-means in CIE Lab, seeded by the farthest points so that the same artwork always falls
into the same parts; a part is a connected area of one colour, an enclosed hole, or a separate piece.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

TRANSPARENT = 0  # the label outside the mark and in its holes
PIECE = -1  # the label of a part that is a whole separate piece, whatever its colours

_COLOURS = 6  # at most
_ALIKE_LAB = 11.0  # colours nearer than this in Lab are one
_LEAST_SHARE = 0.0009  # of the mark's area, below which a part is a speck
_MOST_PARTS = 90


class NotApplicable(ValueError):
    """The artwork does not allow this forgery: nothing would visibly change, or the parts it needs are not there."""


@dataclass(frozen=True, eq=False)
class Part:
    """A connected area of the mark."""

    box: tuple[int, int, int, int]  # x0 y0 x1 y1, px, x1 and y1 excluded
    own: NDArray[np.bool_]  # [h, w] its pixels inside the box
    body: NDArray[np.bool_]  # [h, w] the same with holes filled
    label: int
    area_px: int  # of body
    contrast: float  # 0..1 how far its colour is from what lies around it

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the box."""
        x0, y0, x1, y1 = self.box
        return slice(y0, y1), slice(x0, x1)

    @property
    def height_px(self) -> int:
        """Of the box."""
        return self.box[3] - self.box[1]

    @property
    def width_px(self) -> int:
        """Of the box."""
        return self.box[2] - self.box[0]

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the box's middle, px."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    def spread(self, size_px: int, grow_px: int = 0) -> NDArray[np.bool_]:
        """The body on the whole square, [S, S], grown by so many pixels."""
        whole = np.zeros((size_px, size_px), np.uint8)
        whole[self.window] = self.body
        return grow(whole, grow_px).astype(bool)


@dataclass(frozen=True, eq=False)
class Mark:
    """Artwork with its colours and parts. S is the square's side in px."""

    layers: NDArray[np.float32]  # [S, S, 4] premultiplied RGBA, 0..1
    labels: NDArray[np.int32]  # [S, S] 0 transparent, else 1 + the colour's place in the palette
    palette: NDArray[np.float32]  # [C, 3] RGB 0..1, largest area first
    parts: tuple[Part, ...]  # largest body first
    area_px: int  # that is opaque
    stroke_px: float  # typical width of what is drawn, silhouettes and inner areas alike

    @property
    def size_px(self) -> int:
        """S."""
        return int(self.labels.shape[0])

    def prominence(self, part: Part) -> float:
        """0..1, how readily a part is taken for a thing of its own: it stands out, is solid, and is no ground."""
        solid = part.own.sum() / part.area_px
        largest_colour = part.label == 1 and len(self.palette) > 1
        ground = 0.15 if largest_colour else 0.3 if part.label == TRANSPARENT else 1.0
        return float((solid * part.contrast) ** 2 * ground + 1e-6)

    def of_label(self, label: int) -> NDArray[np.bool_]:
        """Where a colour lies, [S, S]."""
        return np.asarray(self.labels == label)


def take_apart(rgba: NDArray[np.uint8]) -> Mark:
    """Colours and parts of artwork [S, S, 4]. NotApplicable where hardly anything is opaque."""
    opaque = rgba[..., 3] > 127
    area_px = int(opaque.sum())
    if area_px < 64:
        raise NotApplicable(f"only {area_px} opaque pixels: give artwork with a visible mark")
    labels, palette = _quantise(rgba, opaque)
    layers = premultiply(rgba)
    parts = _parts(layers, labels, opaque, area_px)
    return Mark(layers, labels, palette, parts, area_px, _stroke_px(labels, len(palette)))


def premultiply(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 straight alpha to float 0..1 premultiplied."""
    layers = np.asarray(rgba / np.float32(255), dtype=np.float32)
    layers[..., :3] *= layers[..., 3:]
    return layers


def straighten(layers: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Float premultiplied to uint8 straight alpha; transparent pixels are black."""
    layers = np.clip(layers, 0, 1)
    colour = layers[..., :3] / np.maximum(layers[..., 3:], 1e-3)
    straight = np.concatenate([np.clip(colour, 0, 1) * (layers[..., 3:] > 0.002), layers[..., 3:]], axis=2)
    return (straight * 255).round().astype(np.uint8)


def grow(mask: NDArray[np.uint8] | NDArray[np.bool_], by_px: int) -> NDArray[np.uint8]:
    """A mask dilated by a disc, as uint8 0 or 1."""
    flat = mask.astype(np.uint8)
    if by_px <= 0:
        return flat
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by_px + 1, 2 * by_px + 1))
    return np.asarray(cv2.dilate(flat, disc), dtype=np.uint8)


def stroke_widths(ink: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Widths in px along the middle lines of an ink, [n]; n is at least 1."""
    depth = cv2.distanceTransform(ink.astype(np.uint8), cv2.DIST_L2, 5)
    ridge = ink & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    return np.asarray(2 * depth[ridge] if ridge.any() else np.ones(1), dtype=np.float32)


def _stroke_px(labels: NDArray[np.int32], colours: int) -> float:
    """The median over the area drawn, not over its lines: blended rims are many lines and little area."""
    widths = np.sort(np.concatenate([stroke_widths(labels == label) for label in range(1, colours + 1)]))
    covered = np.cumsum(widths)
    return float(widths[np.searchsorted(covered, covered[-1] / 2)])


# --- colours ------------------------------------------------------------------------------------


def _quantise(rgba: NDArray[np.uint8], opaque: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    smooth = cv2.medianBlur(np.ascontiguousarray(rgba[..., :3]), 3)
    lab = np.asarray(cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), dtype=np.float32)
    core = cv2.erode(opaque.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    sample = lab[core if core.sum() > 400 else opaque]
    centres = _centres(sample[:: max(1, len(sample) // 1500)])
    labels = _smooth_labels(lab, centres, opaque)
    return _by_area(labels, rgba, len(centres))


def _centres(sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """k-means centres [C, 3] from farthest-point seeds; colours hardly told apart are merged."""
    centres = np.median(sample, axis=0, keepdims=True).astype(np.float32)
    while len(centres) < _COLOURS:
        distance = _nearest(sample, centres)[1]
        # The 98th percentile, not the farthest: a stray blend on an edge is no colour of the mark.
        far = np.argsort(distance)[int(0.98 * (len(sample) - 1))]
        if distance[far] < _ALIKE_LAB:
            break
        centres = np.concatenate([centres, sample[far : far + 1]])
    for _ in range(5):
        nearest = _nearest(sample, centres)[0]
        used = np.unique(nearest)
        centres = np.stack([sample[nearest == place].mean(0) for place in used])
    return _merged(centres)


def _nearest(
    pixels: NDArray[np.float32], centres: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    distance = np.linalg.norm(pixels[:, None] - centres[None], axis=2)  # [P, C]
    nearest = distance.argmin(1)
    return nearest, distance[np.arange(len(pixels)), nearest]


def _merged(centres: NDArray[np.float32]) -> NDArray[np.float32]:
    kept: list[NDArray[np.float32]] = []
    for centre in centres:
        if all(np.linalg.norm(centre - other) >= _ALIKE_LAB for other in kept):
            kept.append(centre)
    return np.stack(kept)


def _smooth_labels(
    lab: NDArray[np.float32], centres: NDArray[np.float32], opaque: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """The nearest colour of each pixel, put to the vote of 3 x 3 so that the blended rims of edges vanish."""
    distance = np.stack([np.square(lab - centre).sum(2) for centre in centres])  # [C, S, S]
    labels = np.where(opaque, distance.argmin(0) + 1, TRANSPARENT)
    votes = np.stack(
        [cv2.blur((labels == place).astype(np.float32), (3, 3)) for place in range(len(centres) + 1)]
    )  # [C + 1, S, S]
    return np.asarray(votes.argmax(0), dtype=np.int32)


def _by_area(
    labels: NDArray[np.int32], rgba: NDArray[np.uint8], colours: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    areas = np.bincount(labels.ravel(), minlength=colours + 1)[1:]
    order = [place for place in np.argsort(-areas, kind="stable") if areas[place] > 0]
    renamed = np.zeros(colours + 1, np.int32)
    palette = []
    for place, old in enumerate(order):
        renamed[old + 1] = place + 1
        palette.append(np.median(rgba[labels == old + 1][:, :3], axis=0))
    return renamed[labels], (np.stack(palette) / 255).astype(np.float32)


# --- parts --------------------------------------------------------------------------------------


def _parts(
    layers: NDArray[np.float32], labels: NDArray[np.int32], opaque: NDArray[np.bool_], area_px: int
) -> tuple[Part, ...]:
    least_px = max(12, round(area_px * _LEAST_SHARE))
    places = range(int(labels.max()) + 1)
    found = [part for label in places for part in _of_mask(layers, labels == label, label, least_px)]
    boxes = {part.box for part in found}
    found += [piece for piece in _of_mask(layers, opaque, PIECE, least_px) if piece.box not in boxes]
    return tuple(sorted(found, key=lambda part: -part.area_px)[:_MOST_PARTS])


def _of_mask(layers: NDArray[np.float32], mask: NDArray[np.bool_], label: int, least_px: int) -> list[Part]:
    count, places, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    parts = []
    for place in range(1, count):
        x0, y0, width, height, area = (int(value) for value in stats[place])
        edge = min(x0, y0, mask.shape[1] - x0 - width, mask.shape[0] - y0 - height) == 0
        if area >= least_px and not (label == TRANSPARENT and edge):
            parts.append(_part(layers, places[y0 : y0 + height, x0 : x0 + width] == place, (x0, y0), label))
    return parts


def _part(layers: NDArray[np.float32], own: NDArray[np.bool_], corner: tuple[int, int], label: int) -> Part:
    height, width = own.shape
    contours, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    body = np.zeros((height, width), np.uint8)
    cv2.drawContours(body, contours, -1, 1, cv2.FILLED)
    box = (corner[0], corner[1], corner[0] + width, corner[1] + height)
    return Part(box, own, body.astype(bool), label, int(body.sum()), _contrast(layers, own, body, box))


def _contrast(
    layers: NDArray[np.float32], own: NDArray[np.bool_], body: NDArray[np.uint8], box: tuple[int, int, int, int]
) -> float:
    """Largest difference of a channel between the part's mean and that of a ring two to four pixels off it."""
    x0, y0, x1, y1 = box
    reach = 4
    padded = np.pad(body, reach)
    ring = (grow(padded, reach) > 0) & (grow(padded, 1) == 0)
    top, left = max(0, reach - y0), max(0, reach - x0)
    around = layers[max(0, y0 - reach) : y1 + reach, max(0, x0 - reach) : x1 + reach]
    ring = ring[top : top + around.shape[0], left : left + around.shape[1]]
    if not ring.any():
        return 1.0
    return float(np.abs(layers[y0:y1, x0:x1][own].mean(0) - around[ring].mean(0)).max())
