"""The batch camera: marks of the atlas become training photographs, many at a time.

A lighter relative of `vision.camera` for millions of photographs: true pinhole poses sampled by grid, the rest
approximated where the eye of a small network cannot tell. A batch is worked in small shuffled chunks that stay
in the processor's cache; what is costly to vary per image (size of the mark, blur) varies per chunk.

Shapes: B images, c images of a chunk, A atlas side, S frame side. Colours are floats 0..1.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor

from training.backdrop import PRODUCTS, Backdrop
from training.config import AugmentConfig

CHUNK = 16
BARE = PRODUCTS.index("other")  # no product beneath the mark


@dataclass(frozen=True, eq=False)
class Bank:
    """The backdrop as tensors, and noise to cut from."""

    grounds: Tensor  # uint8 [G, 3, H, H]
    bodies: Tensor  # float [N, 2, 64, 64] shade factor around 1, cover 0..1
    by_product: Tensor  # int64 [products, per product] rows of `bodies`
    noise: Tensor  # float [3, 320, 320] normal

    @classmethod
    def of(cls, backdrop: Backdrop, seed: int) -> "Bank":
        """The same pictures, ready to sample."""
        bodies = torch.from_numpy(backdrop.bodies).float() / torch.tensor([128.0, 255.0]).view(1, 2, 1, 1)
        per_product = int((backdrop.body_product == 0).sum())
        noise = torch.randn(3, 320, 320, generator=torch.Generator().manual_seed(seed))
        grounds = torch.from_numpy(backdrop.grounds).permute(0, 3, 1, 2).contiguous()
        return cls(grounds, bodies, torch.arange(len(bodies)).view(-1, per_product), noise)


@dataclass(frozen=True, eq=False)
class Dice:
    """Random draws from one generator."""

    generator: torch.Generator

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """Evenly spread numbers of this shape."""
        return torch.rand(*shape, generator=self.generator) * (high - low) + low

    def chance(self, count: int, share: float) -> Tensor:
        """True for about this share of `count`."""
        return torch.rand(count, generator=self.generator) < share

    def pick(self, count: int, choices: int) -> Tensor:
        """`count` indices below `choices`."""
        return torch.randint(choices, (count,), generator=self.generator)

    def one(self, low: float = 0.0, high: float = 1.0) -> float:
        """One number."""
        return float(self.uniform(1, low=low, high=high))


def photograph(
    marks: Tensor, products: Tensor, bank: Bank, config: AugmentConfig, size_px: int, generator: torch.Generator
) -> Tensor:
    """Photograph marks `uint8 [B, 4, A, A]` on products `int64 [B]` -> `uint8 [B, 3, S, S]`."""
    dice = Dice(generator)
    order = torch.randperm(len(marks), generator=generator)
    photos = torch.empty(len(marks), 3, size_px, size_px, dtype=torch.uint8)
    for rows in torch.split(order, CHUNK):
        photos[rows] = _chunk(marks[rows], products[rows], bank, config, size_px, dice)
    return photos


def _chunk(marks: Tensor, products: Tensor, bank: Bank, config: AugmentConfig, size_px: int, dice: Dice) -> Tensor:
    count = len(marks)
    clean = (products == BARE) & dice.chance(count, config.clean_share)
    fill = dice.one(*config.fill) * dice.uniform(count, low=0.85, high=1.18)
    mark = _finish(_at_scale(marks, float(fill.mean()) * size_px), dice.chance(count, config.finish_share), dice)
    plane = _bend(_plane(_poses(fill, clean, config, dice), size_px), dice)
    image = _compose(mark, plane, products, clean, bank, size_px, dice)
    image = _occlude(image, dice.chance(count, config.occluded_share), dice)
    image = _light(image, clean, dice)
    return _develop(image, bank, config, dice)


# --- pose ---------------------------------------------------------------------------------------


def _poses(fill: Tensor, clean: Tensor, config: AugmentConfig, dice: Dice) -> Tensor:
    """Homographies `[c, 3, 3]` from the mark's plane (its square is -1..1) to the frame (-1..1)."""
    count = len(fill)
    freedom = torch.where(clean, 0.06, 1.0)
    tilt = dice.uniform(count, 2, low=-1, high=1) * dice.uniform(count, 1) ** 0.5
    yaw, pitch = (torch.deg2rad(tilt * config.tilt_deg) * freedom[:, None]).unbind(1)
    roll = torch.deg2rad(dice.uniform(count, low=-config.roll_deg, high=config.roll_deg)) * freedom
    distance = dice.uniform(count, low=2.2, high=9.0)
    view = _turned(yaw, pitch, roll)
    view[:, 2, 2] = distance
    return _framed(view, fill, freedom, config, dice)


def _turned(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """First two columns of the rotation, as the plane-to-camera matrix without its distance."""
    cy, sy, cp, sp, cr, sr = yaw.cos(), yaw.sin(), pitch.cos(), pitch.sin(), roll.cos(), roll.sin()
    zero = torch.zeros_like(yaw)
    rows = [
        [cy * cr, -cy * sr, zero],
        [cp * sr + sp * sy * cr, cp * cr - sp * sy * sr, zero],
        [sp * sr - cp * sy * cr, sp * cr + cp * sy * sr, zero],
    ]
    return torch.stack([torch.stack(row, 1) for row in rows], 1)


def _framed(view: Tensor, fill: Tensor, freedom: Tensor, config: AugmentConfig, dice: Dice) -> Tensor:
    """Zoom and shift so that the mark's square spans `fill` of the frame and lies where chance puts it."""
    count = len(view)
    corners = torch.tensor([[-1.0, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]]).T  # [3, 4]
    seen = view @ corners  # [c, 3, 4]
    seen = seen[:, :2] / seen[:, 2:]
    low, high = seen.amin(2), seen.amax(2)
    stretch = (dice.uniform(count, 2, low=-0.5, high=0.5) * config.stretch * freedom[:, None]).exp()
    zoom = 2 * fill[:, None] / (high - low).amax(1, keepdim=True) * stretch  # [c, 2]
    room = ((1 - fill).abs() + torch.where(dice.chance(count, 0.2), 0.25, 0.03)) * freedom
    shift = dice.uniform(count, 2, low=-1, high=1) * room[:, None] - zoom * (low + high) / 2
    frame = torch.zeros(count, 3, 3)
    frame[:, 0, 0], frame[:, 1, 1], frame[:, 2, 2] = zoom[:, 0], zoom[:, 1], 1
    frame[:, :2, 2] = shift
    return torch.bmm(frame, view)


def _plane(poses: Tensor, size_px: int) -> Tensor:
    """Where each pixel of the frame falls on the mark's plane: `[c, S, S, 2]`."""
    axis = (torch.arange(size_px) + 0.5) * (2 / size_px) - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    pixels = torch.stack([x, y, torch.ones_like(x)], -1).view(-1, 3)  # [S*S, 3]
    points = pixels @ torch.linalg.inv(poses).transpose(1, 2)  # [c, S*S, 3]
    depth = points[..., 2:]
    depth = torch.where(depth > 1e-3, depth, 1e3)  # behind the camera: far outside the mark
    return torch.div(points[..., :2], depth).view(-1, size_px, size_px, 2)


def _bend(plane: Tensor, dice: Dice) -> Tensor:
    """Wrap a third of the planes round a gentle cylinder."""
    if dice.one() > 0.33:
        return plane
    axis = torch.tensor([1.0, 0.0] if dice.one() < 0.5 else [0.0, 1.0])
    bend = dice.uniform(len(plane), 1, 1, 1, high=0.25) * axis
    return plane * (1 + bend * plane.square().clamp(max=4))


# --- surface ------------------------------------------------------------------------------------


def _at_scale(marks: Tensor, side_px: float) -> Tensor:
    """Marks as floats, reduced to about the size they will be seen at, against aliasing; colour premultiplied."""
    mark = marks.float() / 255
    mark = torch.cat([mark[:, :3] * mark[:, 3:], mark[:, 3:]], 1)
    full = marks.shape[-1]
    reduced = min(full, max(16, int(side_px * 1.15)))
    return mark if reduced > 0.8 * full else nnf.interpolate(mark, reduced, mode="area")


def _finish(mark: Tensor, cast: Tensor, dice: Dice) -> Tensor:
    """Cast some marks in one colour or metal, and give all a little relief. Premultiplied `[c, 4, a, a]`."""
    colour, alpha = mark[:, :3], mark[:, 3:]
    tone = colour.mean(1, keepdim=True)  # [c, 1, a, a]
    base = dice.uniform(len(mark), 1, 1, 1).expand(-1, 3, -1, -1) + dice.uniform(len(mark), 3, 1, 1, low=-0.2, high=0.2)
    slope = dice.uniform(len(mark), 1, 1, 1, low=0.4, high=1.0) * (
        1 - 2 * dice.chance(len(mark), 0.4).view(-1, 1, 1, 1)
    )
    mean = tone.mean((2, 3), keepdim=True) / alpha.mean((2, 3), keepdim=True).clamp_min(1e-3)
    metal = (base * alpha + slope * (tone - mean * alpha)).clamp(0, 1) * alpha
    colour = torch.where(cast.view(-1, 1, 1, 1), metal, colour)
    height = tone + 0.5 * alpha
    relief = height - height.roll((1, 1), (2, 3))
    depth = torch.where(cast, 0.7, 0.2).view(-1, 1, 1, 1) * dice.uniform(len(mark), 1, 1, 1, low=-1, high=1)
    return torch.cat([(colour + relief * depth * alpha).clamp(0, 1), alpha], 1)


def _compose(
    mark: Tensor, plane: Tensor, products: Tensor, clean: Tensor, bank: Bank, size_px: int, dice: Dice
) -> Tensor:
    """Ground, body and mark, one over the other: `[c, 3, S, S]`."""
    count = len(mark)
    ground = _ground(clean, bank, size_px, dice)
    rows = bank.by_product[products, dice.pick(count, bank.by_product.shape[1])]
    reach = dice.uniform(count, 1, 1, 1, low=1.3, high=2.4)
    body = _sample(bank.bodies[rows], plane / reach)
    shade, cover = body[:, :1], body[:, 1:]
    colour = _body_colour(mark, dice)
    cover = cover * (~clean).view(-1, 1, 1, 1)
    image = ground + (colour * shade - ground) * cover
    layer = _sample(mark, plane)
    return image * (1 - layer[:, 3:]) + layer[:, :3]


def _sample(layers: Tensor, plane: Tensor) -> Tensor:
    return nnf.grid_sample(layers, plane, mode="bilinear", padding_mode="zeros", align_corners=False)


def _ground(clean: Tensor, bank: Bank, size_px: int, dice: Dice) -> Tensor:
    count, room = len(clean), bank.grounds.shape[-1] - size_px
    top, left = (int(offset) for offset in dice.pick(2, room + 1))
    ground = bank.grounds[dice.pick(count, len(bank.grounds)), :, top : top + size_px, left : left + size_px].float()
    gain = dice.uniform(count, 3, 1, 1, low=0.55, high=1.1) / 255
    ground = ground.flip(3) if dice.one() < 0.5 else ground
    studio = dice.uniform(count, 1, 1, 1, low=0.8, high=1.0).expand(-1, 3, size_px, size_px)
    return torch.where(clean.view(-1, 1, 1, 1), studio, ground * gain)


def _body_colour(mark: Tensor, dice: Dice) -> Tensor:
    """A colour `[c, 3, 1, 1]` for each body that its mark stands out from."""
    count = len(mark)
    own = mark[:, :3].mean((2, 3)) / mark[:, 3:].mean((2, 3)).clamp_min(1e-3)  # [c, 3]
    tint = dice.uniform(count, 3, low=-0.3, high=0.3) * dice.chance(count, 0.6)[:, None]
    colour = (dice.uniform(count, 1) + tint).clamp(0.02, 0.98)
    near = (colour - own).abs().mean(1, keepdim=True) < 0.25
    away = torch.where(own.mean(1, keepdim=True) > 0.5, 0.08, 0.9)
    return torch.where(near, away, colour)[:, :, None, None]


def _occlude(image: Tensor, hidden: Tensor, dice: Dice) -> Tensor:
    """Lay a patch over part of some images."""
    rows = hidden.nonzero().flatten()
    if not len(rows):
        return image
    axis = torch.linspace(-1, 1, image.shape[-1])
    centre = dice.uniform(len(rows), 2, low=-0.9, high=0.9)
    radius = dice.uniform(len(rows), 2, low=0.1, high=0.45)
    x = ((axis - centre[:, :1]) / radius[:, :1]).abs()[:, None, None, :]  # [r, 1, 1, S]
    y = ((axis - centre[:, 1:]) / radius[:, 1:]).abs()[:, None, :, None]  # [r, 1, S, 1]
    patch = ((x * x + y * y) < 1) if dice.one() < 0.5 else ((x < 1) & (y < 1))
    image[rows] = torch.where(patch, dice.uniform(len(rows), 3, 1, 1), image[rows])
    return image


# --- light and film -----------------------------------------------------------------------------


def _light(image: Tensor, clean: Tensor, dice: Dice) -> Tensor:
    """Illuminant, falling light, a shadow's edge and gloss, as smooth fields."""
    count, size_px = len(image), image.shape[-1]
    strength = torch.where(clean, 0.25, 1.0).view(-1, 1, 1, 1)
    axis = torch.linspace(-1, 1, 12)
    x, y = axis.view(1, 1, 1, -1), axis.view(1, 1, -1, 1)
    slope = dice.uniform(count, 2, 1, 1, low=-0.3, high=0.3)
    edge = dice.uniform(count, 3, 1, 1, low=-1, high=1)
    shadow = torch.sigmoid((x * edge[:, :1] + y * edge[:, 1:2] + edge[:, 2:]) * 12)
    shadow = shadow * (dice.uniform(count, 1, 1, 1, high=0.6) * dice.chance(count, 0.35).view(-1, 1, 1, 1))
    illuminant = dice.uniform(count, 3, 1, 1, low=-0.22, high=0.22) + dice.uniform(count, 1, 1, 1, low=-0.33, high=0.35)
    gain = (
        (1 + strength * illuminant) * (1 + strength * (slope[:, :1] * x + slope[:, 1:] * y)) * (1 - shadow * strength)
    )
    spot = dice.uniform(count, 3, 1, 1, low=-1, high=1)
    gloss = torch.exp(-((x - spot[:, :1]) ** 2 + (y - spot[:, 1:2]) ** 2) / (0.05 + 0.4 * spot[:, 2:].abs()))
    gloss = gloss * strength * (dice.uniform(count, 1, 1, 1, high=0.7) * dice.chance(count, 0.3).view(-1, 1, 1, 1))
    fields = nnf.interpolate(torch.cat([gain, gloss], 1), size_px, mode="bilinear")
    return (image * fields[:, :3] + fields[:, 3:]).clamp_(0, 1)


def _develop(image: Tensor, bank: Bank, config: AugmentConfig, dice: Dice) -> Tensor:
    """Tone curve, blur, noise and JPEG -> `uint8 [c, 3, S, S]`."""
    count, size_px = len(image), image.shape[-1]
    curve = dice.uniform(count, 1, 1, 1, low=-0.45, high=0.45)
    image = image + curve * image * (1 - image)
    image = _blur(image, dice)
    sigma = dice.uniform(count, high=1.0) ** 3 * 0.12
    offsets = dice.pick(2, bank.noise.shape[-1] - size_px).tolist()
    noise = bank.noise[:, offsets[0] : offsets[0] + size_px, offsets[1] : offsets[1] + size_px]
    film = (image + noise * sigma.view(-1, 1, 1, 1)).clamp_(0, 1).mul_(255).round_().to(torch.uint8)
    for row in dice.chance(count, config.jpeg_share).nonzero().flatten().tolist():
        film[row] = compressed(film[row], int(dice.one(20, 85)))
    return film


def compressed(photo: Tensor, quality: int) -> Tensor:
    """A photo `uint8 [3, S, S]` after JPEG of this quality."""
    pixels = np.ascontiguousarray(photo.flip(0).permute(1, 2, 0).numpy())  # BGR, as OpenCV has it
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return torch.from_numpy(cv2.imdecode(data, cv2.IMREAD_COLOR)).permute(2, 0, 1).flip(0)


def _blur(image: Tensor, dice: Dice) -> Tensor:
    """Out of focus, moved or too far away: one of these for a third of the chunks."""
    size_px, kind = image.shape[-1], dice.one()
    if kind < 0.25:
        small = max(24, int(size_px / dice.one(1.2, 3.2)))
        reduced = nnf.interpolate(image, small, mode="bilinear", antialias=True)
        return nnf.interpolate(reduced, size_px, mode="bilinear")
    if kind < 0.36:
        step = int(dice.one(1, 3))
        axes = (0, step) if dice.one() < 0.5 else (step, step)
        return (image + image.roll(axes, (2, 3)) + image.roll((-axes[0], -axes[1]), (2, 3))) / 3
    return image
