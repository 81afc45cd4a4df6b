import numpy as np
import pytest

from training.synthesis import brand, names, palette, typeface
from training.synthesis.charges import CHARGES
from training.synthesis.shapes import BADGES

SIZE_PX = 128
SEEDS = range(60)


@pytest.fixture(scope="module")
def brands() -> list[brand.FictionalBrand]:
    return [brand.draw(seed, SIZE_PX) for seed in SEEDS]


def test_a_seed_draws_the_same_brand_again(brands: list[brand.FictionalBrand]) -> None:
    for seed in (0, 17):
        again = brand.draw(seed, SIZE_PX)
        assert (again.artwork == brands[seed].artwork).all()
        assert again.caption == brands[seed].caption


def test_every_mark_fills_its_square_on_transparent_ground(brands: list[brand.FictionalBrand]) -> None:
    for one in brands:
        assert one.artwork.shape == (SIZE_PX, SIZE_PX, 4)
        alpha = one.artwork[..., 3]
        rows, columns = np.nonzero(alpha > 60)
        assert max(np.ptp(rows), np.ptp(columns)) > 0.85 * SIZE_PX, one.name
        assert alpha[[0, -1]].max() == 0
        assert alpha[:, [0, -1]].max() == 0


def test_edges_are_anti_aliased(brands: list[brand.FictionalBrand]) -> None:
    soft = [np.mean((one.artwork[..., 3] > 20) & (one.artwork[..., 3] < 235)) for one in brands]
    assert min(soft) > 0.001


def test_brands_differ_from_each_other(brands: list[brand.FictionalBrand]) -> None:
    thumbs = np.stack([one.artwork[::8, ::8].astype(np.float32).ravel() for one in brands])
    distance = np.abs(thumbs[:, None] - thumbs[None]).mean(2) + 255 * np.eye(len(brands))
    assert distance.min() > 4
    assert len({one.name for one in brands}) > 0.95 * len(brands)
    assert {one.product for one in brands} == set(brand.PRODUCTS)


def test_captions_name_inks_and_lettering(brands: list[brand.FictionalBrand]) -> None:
    for one in brands:
        assert all(colour in one.caption for colour in one.colours)
        assert one.lettering is None or one.lettering in one.caption


def test_every_shape_stays_near_the_unit_disc() -> None:
    for drawing in (*BADGES.values(), *CHARGES.values()):
        for seed in range(5):
            shape = drawing(np.random.default_rng(seed))
            points = np.concatenate(shape)
            assert np.isfinite(points).all()
            assert np.abs(points).max() < 2.5


def test_names_can_be_spoken() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        word = names.invent(rng)
        assert word.isascii()
        assert word.istitle()
        assert set("aeiouy") & set(word.lower())


def test_every_typeface_draws_every_letter() -> None:
    for face in typeface.carried():
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
            assert face.draw(letter, 40).max() > 128, f"{face.name} {letter}"


def test_spacing_widens_and_weight_thickens() -> None:
    face = typeface.carried()[0]
    plain = face.draw("GLORA", 60)
    assert face.draw("GLORA", 60, spacing=0.3).shape[1] > 1.3 * plain.shape[1]
    assert (face.draw("GLORA", 60, weight=1) > 127).mean() > (plain > 127).mean()


@pytest.mark.parametrize(
    ("colour", "said"),
    [((0.9, 0.1, 0.1), "red"), ((0.1, 0.2, 0.8), "blue"), ((0.02, 0.02, 0.02), "black"), ((0.7, 0.7, 0.72), "silver")],
)
def test_colours_have_plain_words(colour: palette.RGB, said: str) -> None:
    assert palette.word(colour) == said


def test_an_ink_unlike_the_ground_stands_off_it() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        inks = palette.pick(rng)
        ink = inks.unlike(inks.inks[0], rng)
        assert np.abs(np.subtract(ink, inks.inks[0])).max() > 0.2
