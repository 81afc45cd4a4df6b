"""Palettes of fictional brands: designed sets of inks, jittered, and the words for them."""

import colorsys
from dataclasses import dataclass

import numpy as np

RGB = tuple[float, float, float]  # 0..1 sRGB

# Field, first charge, second charge, accent: as badges and labels are coloured.
_DESIGNED = (
    "0a2a66 f4f4f2 c8102e d9a441",
    "b3001b ffffff 1a1a1a f2c14e",
    "111111 e8e8e8 b08d57 8a1c1c",
    "0f5132 f6f1dc d4a017 2b2b2b",
    "f7c600 111111 d71920 ffffff",
    "1c6dd0 ffffff 0b1f3a ff8a00",
    "4b2e83 f3ecff f0b323 1c1033",
    "e4572e fff4e0 2e4057 f3a712",
    "2b2b2b c0c7cc e63946 f1faee",
    "006d77 edf6f9 e29578 ffddd2",
    "7a4419 f6e7cb 3d2208 c9a227",
    "d81e5b fdf0f3 3a0ca3 f9c80e",
    "8d99ae 2b2d42 ef233c edf2f4",
    "00843d ffffff ffd100 1b1b1b",
    "5a0f1c e7d3a8 1b0a0d b8860b",
    "00a6d6 ffffff 003c71 f04e23",
    "c9ced3 1f2a36 0059a9 d21f26",
    "ff6b00 ffffff 222222 0077c8",
    "163a2f dfe8e1 a3b18a e9c46a",
    "eeeeee 121212 9c9c9c c1121f",
    "23395b f1e3c6 cbf7ed b9314f",
    "ff4f79 ffffff 2d1e2f 3bb7a9",
    "a4c639 1d2b1f ffffff f58220",
    "20124d ff9f1c ffffff 2ec4b6",
)
_HUES = (
    (15, "red"),
    (40, "orange"),
    (68, "yellow"),
    (165, "green"),
    (200, "cyan"),
    (262, "blue"),
    (310, "purple"),
    (345, "pink"),
    (361, "red"),
)


@dataclass(frozen=True)
class Palette:
    """The inks of a brand, field colour first."""

    inks: tuple[RGB, ...]

    def free(self, rng: np.random.Generator) -> RGB:
        """An ink for a mark without a ground: seldom so light that white paper would swallow it."""
        showing = [ink for ink in self.inks if luma(ink) < 0.8] or [(0.1, 0.1, 0.12)]
        choices = self.inks if rng.random() < 0.12 else showing
        return choices[int(rng.integers(len(choices)))]

    def unlike(self, ground: RGB, rng: np.random.Generator) -> RGB:
        """An ink that stands off a ground; near-black or near-white where none does."""
        standing_off = [ink for ink in self.inks if _apart(ink, ground) > 0.25]
        if standing_off:
            return standing_off[int(rng.integers(len(standing_off)))]
        return (0.05, 0.05, 0.06) if luma(ground) > 0.45 else (0.97, 0.97, 0.96)


def pick(rng: np.random.Generator) -> Palette:
    """One to four inks of a designed palette, some turned in hue, with a little jitter."""
    inks = [_parsed(word) for word in str(rng.choice(_DESIGNED)).split()]
    turn = 0.0 if rng.random() < 0.65 else float(rng.random())
    count = int(rng.choice([1, 2, 3, 4], p=[0.16, 0.36, 0.30, 0.18]))
    jittered = [_jittered(ink, turn, rng) for ink in inks]
    order = rng.permutation(len(jittered)) if rng.random() < 0.5 else range(len(jittered))
    return Palette(tuple(jittered[int(place)] for place in order)[:count])


def luma(colour: RGB) -> float:
    """0..1, how light a colour looks."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def word(colour: RGB) -> str:
    """The plain word for a colour."""
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    if value < 0.2:
        return "black"
    if saturation < 0.16:
        return "white" if value > 0.88 else "silver" if value > 0.6 else "grey"
    return next(name for limit, name in _HUES if hue * 360 < limit)


def shaded(colour: RGB, factor: float) -> RGB:
    """Darker below 1, towards white above 1 (2 is white)."""
    if factor <= 1:
        return colour[0] * factor, colour[1] * factor, colour[2] * factor
    red, green, blue = (channel + (1 - channel) * (factor - 1) for channel in colour)
    return red, green, blue


def _apart(first: RGB, second: RGB) -> float:
    distance = np.abs(np.subtract(first, second))
    return float(0.5 * distance.max() + 0.5 * abs(luma(first) - luma(second)))


def _parsed(hexadecimal: str) -> RGB:
    red, green, blue = (int(hexadecimal[place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue


def _jittered(colour: RGB, turn: float, rng: np.random.Generator) -> RGB:
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    hue = (hue + turn + rng.normal(0, 0.01)) % 1
    # A turned hue at full strength is a neon that no designer prints.
    saturation = float(np.clip(saturation * rng.uniform(0.85, 1.1), 0, 0.85 if turn else 1))
    value = float(np.clip(value * rng.uniform(0.88, 1.05), 0, 0.88 if turn and saturation > 0.5 else 1))
    return colorsys.hsv_to_rgb(hue, saturation, value)
