"""Products carry a mark without changing it."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.synthesis import ground
from training.synthesis.product import FINISHES, PRODUCTS, mount

Rgba = NDArray[np.uint8]


def emblem(ink: tuple[int, int, int] = (20, 40, 120)) -> Rgba:
    """A ring with a triangle in it, on a transparent square."""
    pixels = np.zeros((256, 256, 4), np.uint8)
    cv2.circle(pixels, (128, 128), 110, (*ink, 255), 22, cv2.LINE_AA)
    cv2.fillPoly(pixels, [np.array([[128, 60], [180, 170], [76, 170]])], (200, 30, 40, 255), cv2.LINE_AA)
    return pixels


def without_triangle() -> Rgba:
    pixels = np.zeros((256, 256, 4), np.uint8)
    cv2.circle(pixels, (128, 128), 110, (20, 40, 120, 255), 22, cv2.LINE_AA)
    return pixels


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_mark_lies_on_the_canvas_it_is_mounted_on(product: str) -> None:
    for seed in range(4):
        mounted = mount(emblem(), product, np.random.default_rng(seed), side_px=320)
        height, width = mounted.canvas.shape[:2]
        assert height == width >= 320
        assert mounted.canvas.dtype == np.uint8
        x0, y0, x1, y1 = mounted.mark
        assert 0.0 <= x0 < x1 <= 1.0
        assert 0.0 <= y0 < y1 <= 1.0
        assert mounted.box[0] <= x0
        assert mounted.box[3] >= y1


@pytest.mark.parametrize("product", PRODUCTS)
def test_the_design_is_not_altered(product: str) -> None:
    """Cut from the canvas and scaled back, the mark is where and what it was."""
    mounted = mount(emblem(), product, np.random.default_rng(3), side_px=512)
    side = mounted.canvas.shape[0]
    x0, y0, x1, y1 = (round(edge * side) for edge in mounted.box)
    cut = cv2.resize(mounted.canvas[max(y0, 0) : y1, max(x0, 0) : x1], (256, 256), interpolation=cv2.INTER_AREA)
    inner = cv2.erode((emblem()[..., 3] > 250).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    difference = np.abs(cut[..., :3].astype(int) - emblem()[..., :3].astype(int))[inner]
    assert float(difference.mean()) < 14.0


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_forgery_sits_on_the_body_its_original_would(product: str) -> None:
    for seed in range(3):
        genuine = mount(emblem(), product, np.random.default_rng(seed), side_px=320)
        forged = mount(without_triangle(), product, np.random.default_rng(seed), genuine=emblem(), side_px=320)
        assert genuine.box == forged.box
        side = genuine.canvas.shape[0]
        x0, y0, x1, y1 = (genuine.box[0], genuine.box[1], genuine.box[2], genuine.box[3])
        difference = np.abs(genuine.canvas.astype(int) - forged.canvas.astype(int)).max(axis=2)
        columns = slice(round((x0 + 0.2 * (x1 - x0)) * side), round((x1 - 0.2 * (x1 - x0)) * side))
        rows = slice(round((y0 + 0.15 * (y1 - y0)) * side), round((y1 - 0.25 * (y1 - y0)) * side))
        assert difference[rows, columns].max() > 30
        difference[rows, columns] = 0
        assert difference.max() <= 2


def test_the_generator_advances_alike_whatever_the_mark() -> None:
    one, other = np.random.default_rng(4), np.random.default_rng(4)
    mount(emblem(), "emblem", one, side_px=128)
    mount(np.zeros((256, 256, 4), np.uint8), "emblem", other, side_px=128)
    assert one.random() == other.random()


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = (mount(emblem(), "bag", np.random.default_rng(9), side_px=200).canvas for _ in range(2))
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("finish", FINISHES)
def test_every_finish_shows_the_mark(finish: str) -> None:
    plain = mount(np.zeros((256, 256, 4), np.uint8), "garment", np.random.default_rng(1), genuine=emblem(), side_px=256)
    shown = mount(emblem(), "garment", np.random.default_rng(1), finish=finish, side_px=256)
    assert int(np.abs(plain.canvas.astype(int) - shown.canvas.astype(int)).max()) > 20


def test_unknown_products_and_finishes_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="emblem, valve cap, key ring, label, bag, garment"):
        mount(emblem(), "mug", np.random.default_rng(0))
    with pytest.raises(ValueError, match="printed"):
        mount(emblem(), "bag", np.random.default_rng(0), finish="glitter")


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (160, 20, 30)])
@pytest.mark.parametrize("product", PRODUCTS)
def test_the_ground_stands_out_from_the_mark(ink: tuple[int, int, int], product: str) -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    cv2.circle(pixels, (32, 32), 28, (*ink, 255), -1)
    for seed in range(5):
        colour = ground.choose(pixels, product, np.random.default_rng(seed))
        assert float(np.abs(colour * 255.0 - np.array(ink)).max()) > 60.0
