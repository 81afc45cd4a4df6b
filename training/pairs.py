"""Pairs: genuine references and genuine or forged listings of one mark, brought into one frame as serving does.

A group is one brand's: every listing of it makes a pair with every reference. Photographs are taken small, placed
by the pose the camera knows, shaken a little and registered by `vision.geometry.registration`, so that the pairs carry
the errors which registration really makes. All chance comes from the generator handed in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthesis.forgery import KINDS, SEVERITIES, Forgery, Mark, NotApplicable, forge_mark, take_apart
from training.synthesis.product import PRODUCTS, mount
from vision.camera import PRESETS, photograph
from vision.geometry.registration import FRAME_PX, correlation, framed_contrast, register, warp
from vision.measures.comparator import PAIR_PX

CANVAS_PX = 400  # side of a product's canvas
PHOTO_PX = (352, 512)  # longer side of a photograph
PRODUCTS_PER_BRAND = 3
MARGIN = (0.10, 0.19)  # around the mark, share of its longer side: enrolment's 0.12 of an outline never exact
CONDITIONS = ("mild", "mild", "mild", "hard")  # of listings, drawn evenly
SHAKE_PX = (1.2, 1.2, 1.2, 3.5)  # deviation of the frame's corners before registration, drawn evenly

Rgba = NDArray[np.uint8]  # [S, S, 4] straight alpha
Matrix = NDArray[np.float64]  # [3, 3]
Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Group:
    """`K` references and `L` listings of one brand, all in the frame of the first reference."""

    references: NDArray[np.uint8]  # [K, P, P, 3]
    ink: NDArray[np.uint8]  # [P, P] 0..255, cover of the genuine artwork
    mark: NDArray[np.bool_]  # [P, P] inside its outline
    listings: NDArray[np.uint8]  # [L, P, P, 3]
    altered: NDArray[np.bool_]  # [L, P, P] where the forged artwork differs; nowhere for genuine ones
    kind: NDArray[np.str_]  # [L] of the alteration, "" for genuine ones
    severity: NDArray[np.int64]  # [L] 0..3
    condition: NDArray[np.str_]  # [L] mild | hard


@dataclass(frozen=True, eq=False)
class View:
    """A photograph and how the artwork lies in it."""

    pixels: NDArray[np.uint8]  # [H, W, 3]
    from_artwork: Matrix  # artwork px -> photo px, before curvature


@dataclass(frozen=True, eq=False)
class _Frame:
    """The first reference's frame."""

    from_artwork: Matrix  # artwork px -> frame px
    mark: NDArray[np.float32]  # [S, S] 0 or 1, inside the outline


def photograph_group(
    artwork: Rgba, rng: Rng, references: int = 3, listings: int = 8, conditions: Sequence[str] = CONDITIONS
) -> Group:
    """Photograph a brand's references and listings, every second one forged. NotApplicable for a blank artwork."""
    mark = take_apart(artwork)
    goods = [str(product) for product in rng.permutation(PRODUCTS)[:PRODUCTS_PER_BRAND]]
    views = [photographed(artwork, artwork, goods[i % len(goods)], "studio", rng) for i in range(references)]
    frame = _frame(artwork, views[0], rng)
    stack = _stack(views, frame, rng)
    targets = [framed_contrast(reference) for reference in stack]
    rows = [_listing(mark, artwork, goods, frame, targets, i % 2 == 1, conditions, rng) for i in range(listings)]
    pixels, altered, kind, severity, condition = zip(*rows, strict=True)
    return Group(
        references=np.stack([_small(reference) for reference in stack]),
        ink=_small(_in_frame(artwork[..., 3], frame)),
        mark=_small(np.asarray(frame.mark * 255, np.uint8)) > 127,
        listings=np.stack(pixels),
        altered=np.stack(altered),
        kind=np.array(kind),
        severity=np.array(severity, np.int64),
        condition=np.array(condition),
    )


def photographed(artwork: Rgba, genuine: Rgba, product: str, condition: str, rng: Rng) -> View:
    """A small photograph of an artwork on goods, with the pose that the camera knows."""
    mounted = mount(artwork, product, rng, genuine=genuine, side_px=CANVAS_PX)
    shot = photograph(mounted.canvas, PRESETS[condition], rng, int(rng.integers(*PHOTO_PX)), mounted.mark)
    height, width = mounted.canvas.shape[:2]
    x0, y0, x1, y1 = mounted.box
    side = len(artwork)
    to_canvas = np.array([[(x1 - x0) * width / side, 0, x0 * width], [0, (y1 - y0) * height / side, y0 * height],
                          [0, 0, 1.0]])  # fmt: skip
    return View(shot.photo, shot.homography @ to_canvas)


# --- the frame ----------------------------------------------------------------------------------


def _frame(artwork: Rgba, first: View, rng: Rng) -> _Frame:
    """The upright square around the mark in the first reference's photo."""
    outline = cv2.convexHull(cv2.findNonZero((artwork[..., 3] > 8).astype(np.uint8))).astype(np.float64)
    x, y, w, h = cv2.boundingRect(cv2.perspectiveTransform(outline, first.from_artwork).astype(np.float32))
    scale = FRAME_PX / (max(w, h) * (1 + 2 * rng.uniform(*MARGIN)))
    shift = FRAME_PX / 2 - scale * np.array([x + w / 2, y + h / 2]) + rng.normal(0, 1.5, 2)
    to_frame = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]]) @ first.from_artwork
    mark = np.zeros((FRAME_PX, FRAME_PX), np.uint8)
    cv2.fillConvexPoly(mark, np.round(cv2.perspectiveTransform(outline, to_frame)).astype(np.int32), 1)
    grown = cv2.dilate(mark, np.ones((7, 7), np.uint8))
    return _Frame(to_frame, np.asarray(grown, np.float32))


def _stack(views: list[View], frame: _Frame, rng: Rng) -> list[NDArray[np.uint8]]:
    """References [S, S, 3] registered to the first."""
    first, _ = warp(views[0].pixels, frame.from_artwork @ np.linalg.inv(views[0].from_artwork))
    target = framed_contrast(first)
    others = [register(v.pixels, _shaken(v, frame, rng), target, frame.mark).pixels for v in views[1:]]
    return [first, *others]


def _shaken(view: View, frame: _Frame, rng: Rng) -> Matrix:
    """Photo -> frame, off by what a rough alignment leaves to registration."""
    corners = np.array([[0, 0], [FRAME_PX, 0], [FRAME_PX, FRAME_PX], [0, FRAME_PX]], np.float32)
    moved = corners + rng.normal(0, rng.choice(SHAKE_PX), (4, 2)).astype(np.float32)
    off = cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(off @ frame.from_artwork @ np.linalg.inv(view.from_artwork), np.float64)


def _in_frame(layer: NDArray[np.uint8], frame: _Frame) -> NDArray[np.uint8]:
    """A layer [S, S] of the artwork in the frame."""
    moved = cv2.warpPerspective(layer, frame.from_artwork, (FRAME_PX, FRAME_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(moved, np.uint8)


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, (PAIR_PX, PAIR_PX), interpolation=cv2.INTER_AREA), np.uint8)


# --- a listing ----------------------------------------------------------------------------------

_Row = tuple[NDArray[np.uint8], NDArray[np.bool_], str, int, str]


def _listing(
    mark: Mark,
    artwork: Rgba,
    goods: list[str],
    frame: _Frame,
    targets: list[NDArray[np.float32]],
    forged: bool,
    conditions: Sequence[str],
    rng: Rng,
) -> _Row:
    """One listing in the frame: pixels, altered area, kind, severity, condition."""
    forgery = next(_forgeries(mark, rng), None) if forged else None
    condition, product = str(rng.choice(conditions)), str(rng.choice(goods))
    view = photographed(artwork if forgery is None else forgery.artwork, artwork, product, condition, rng)
    rough = _shaken(view, frame, rng)
    pixels = register(view.pixels, rough, _resembled(view, rough, frame, targets), frame.mark).pixels
    if forgery is None:
        return _small(pixels), np.zeros((PAIR_PX, PAIR_PX), np.bool_), "", 0, condition
    altered = _small(_in_frame(forgery.mask.astype(np.uint8) * np.uint8(255), frame)) > 40
    return _small(pixels), altered, forgery.kind, forgery.severity, condition


def _forgeries(mark: Mark, rng: Rng) -> Iterator[Forgery]:
    """Forgeries of the mark, each kind and severity equally likely to be tried first."""
    severity = int(rng.choice(SEVERITIES))
    for kind in rng.permutation(KINDS):
        try:
            yield forge_mark(mark, str(kind), severity, rng)
        except NotApplicable:
            continue


def _resembled(view: View, rough: Matrix, frame: _Frame, targets: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Local contrast of the reference that the roughly placed photo correlates with most, as a sighting chooses."""
    moved, valid = warp(view.pixels, rough)
    photo = framed_contrast(moved)
    return max(targets, key=lambda target: correlation(photo, target, frame.mark * valid))
