import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training.synthesis import artwork, brand, forgery
from training.synthesis.canvas import Canvas, Fill
from training.synthesis.forgery import KINDS, SEVERITIES, Forgery, NotApplicable

SIZE_PX = 192
BRANDS = range(700, 714)
# Of procedural brands; a third of them have no letters, some are symmetric.
LEAST_APPLICABLE = defaultdict(lambda: 0.9, mirrored=0.6, lettering=0.35, part_moved=0.8)

Marks = dict[int, NDArray[np.uint8]]
Forgeries = dict[tuple[int, str, int], Forgery]


@pytest.fixture(scope="module")
def marks() -> Marks:
    return {seed: brand.draw(seed, SIZE_PX).artwork for seed in BRANDS}


@pytest.fixture(scope="module")
def forgeries(marks: Marks) -> Forgeries:
    """Every kind and severity of every brand that allows it."""
    made: Forgeries = {}
    for seed, pixels in marks.items():
        mark = forgery.take_apart(pixels)
        for kind in KINDS:
            for severity in SEVERITIES:
                try:
                    made[seed, kind, severity] = forgery.forge_mark(mark, kind, severity, np.random.default_rng(seed))
                except NotApplicable:
                    continue
    return made


def _on_ground(rgba: NDArray[np.uint8], ground: float) -> NDArray[np.float32]:
    alpha = rgba[..., 3:] / 255
    return np.asarray(rgba[..., :3] * alpha + ground * (1 - alpha), dtype=np.float32)


def _difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    grounds = [np.abs(_on_ground(first, ground) - _on_ground(second, ground)).max(2) for ground in (0, 255)]
    return np.asarray(np.maximum(*grounds), dtype=np.float32)


def _disc() -> NDArray[np.uint8]:
    """A plain disc: symmetric, one colour, no letters."""
    canvas = Canvas(SIZE_PX, 1.0)
    angles = np.linspace(0, 2 * np.pi, 200)
    canvas.paint(canvas.cover((np.column_stack([np.cos(angles), np.sin(angles)]) * 0.9,)), Fill(((0.7, 0.1, 0.2),)))
    return canvas.pixels()


def test_the_kinds_are_those_that_benchmarks_name() -> None:
    assert KINDS == (
        "hue",
        "stroke_weight",
        "aspect",
        "mirrored",
        "part_missing",
        "part_added",
        "part_moved",
        "warped",
        "coarse_detail",
        "lettering",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_applies_to_most_brands_that_could_show_it(forgeries: Forgeries, kind: str) -> None:
    for severity in SEVERITIES:
        applied = sum((seed, kind, severity) in forgeries for seed in BRANDS)
        assert applied >= LEAST_APPLICABLE[kind] * len(BRANDS), severity


def test_a_forgery_has_the_shape_of_its_artwork_and_says_what_it_is(marks: Marks, forgeries: Forgeries) -> None:
    for (seed, kind, severity), made in forgeries.items():
        assert made.artwork.shape == marks[seed].shape
        assert made.artwork.dtype == np.uint8
        assert made.mask.shape == marks[seed].shape[:2]
        assert (made.kind, made.severity) == (kind, severity)


def test_the_difference_is_visible_and_lies_in_the_mask(marks: Marks, forgeries: Forgeries) -> None:
    for (seed, kind, _), made in forgeries.items():
        difference = _difference(marks[seed], made.artwork)
        assert made.mask.any()
        assert difference[made.mask].mean() > 18, (seed, kind)
        # Gradients that a coarse redrawing flattens differ a little everywhere, below what is seen.
        assert difference[made.mask].sum() > 0.6 * difference.sum(), (seed, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_higher_severity_changes_more_on_average(marks: Marks, forgeries: Forgeries, kind: str) -> None:
    changed: dict[int, list[float]] = {severity: [] for severity in SEVERITIES}
    for seed in BRANDS:
        if all((seed, kind, severity) in forgeries for severity in SEVERITIES):
            for severity in SEVERITIES:
                difference = _difference(marks[seed], forgeries[seed, kind, severity].artwork)
                changed[severity].append(float(difference.mean()))
    slight, plain, gross = (float(np.mean(changed[severity])) for severity in SEVERITIES)
    assert slight < gross
    assert plain < 1.25 * gross
    assert slight < 1.25 * plain


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_forges_alike_and_leaves_the_artwork_alone(marks: Marks, kind: str) -> None:
    pixels = marks[BRANDS[0]]
    before = pixels.copy()
    try:
        first, second = (forgery.forge(pixels, kind, 2, np.random.default_rng(5)) for _ in range(2))
    except NotApplicable:
        pytest.skip("this brand does not allow the kind")
    assert (first.artwork == second.artwork).all()
    assert (first.mask == second.mask).all()
    assert (pixels == before).all()


@pytest.mark.parametrize("kind", ["mirrored", "lettering"])
def test_what_would_not_show_is_refused(kind: str) -> None:
    with pytest.raises(NotApplicable):
        forgery.forge(_disc(), kind, 3, np.random.default_rng(0))


def test_transparent_artwork_is_refused() -> None:
    with pytest.raises(NotApplicable, match="opaque"):
        forgery.forge(np.zeros((64, 64, 4), np.uint8), "hue", 1, np.random.default_rng(0))


@pytest.mark.parametrize(("kind", "severity"), [("counterfeit", 1), ("hue", 4)])
def test_an_unknown_kind_or_severity_is_named_with_the_choices(kind: str, severity: int) -> None:
    with pytest.raises(ValueError, match="stroke_weight"):
        forgery.forge(_disc(), kind, severity, np.random.default_rng(0))


def test_real_emblems_can_be_forged_in_every_kind() -> None:
    root = Path(os.environ.get("TOUCHSTONE_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not (root / "emblems").is_dir():
        pytest.skip("emblems/ is absent")
    applied: dict[str, int] = defaultdict(int)
    emblems = artwork.load_folder(root / "emblems", SIZE_PX)[::20]
    for emblem in emblems:
        mark = forgery.take_apart(emblem.pixels)
        for kind in KINDS:
            try:
                forgery.forge_mark(mark, kind, 3, np.random.default_rng(1))
            except NotApplicable:
                continue
            applied[kind] += 1
    for kind in KINDS:
        assert applied[kind] >= (0.4 if kind == "lettering" else 0.8) * len(emblems), kind
