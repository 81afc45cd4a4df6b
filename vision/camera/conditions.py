"""Conditions: the distribution from which one photograph's circumstances are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

Range = tuple[float, float]  # low, high: drawn uniformly

PLAIN_BACKDROPS = ("plain", "gradient", "soft")
BUSY_BACKDROPS = ("wood", "fabric", "tabletop", "clutter", "lights")
ALL_BACKDROPS = (*PLAIN_BACKDROPS, *BUSY_BACKDROPS)


@dataclass(frozen=True)
class Conditions:
    """What may vary between photographs. Angles in degrees; `*_chance` are probabilities 0..1.

    The defaults are a careful seller by daylight. Symmetric quantities name their largest magnitude.
    """

    # pose
    max_yaw_deg: float = 25.0
    max_pitch_deg: float = 20.0
    max_roll_deg: float = 10.0
    focal: Range = (1.0, 2.2)  # focal length over image width: 1 is a phone's wide lens, 2.2 a short tele
    share: Range = (0.40, 0.75)  # the mark's larger extent over the frame's
    off_centre: float = 0.6  # how much of the free room the mark may wander into, 0..1
    aspects: tuple[tuple[int, int], ...] = ((4, 3), (3, 4), (1, 1))
    curvature: Range = (0.0, 0.45)  # radians of a cylinder that the mark's longer side spans
    curved_chance: float = 0.3

    # surroundings
    backdrops: tuple[str, ...] = ALL_BACKDROPS

    # light
    light_gradient: Range = (0.0, 0.35)  # relative change of irradiance across the frame
    vignette: Range = (0.0, 0.15)  # light lost in the frame's corners
    gloss: Range = (0.0, 0.25)  # peak of a highlight, in units of diffuse white
    gloss_chance: float = 0.4
    shadow_depth: Range = (0.15, 0.4)  # light taken away inside a cast shadow
    shadow_chance: float = 0.25
    temperature_k: Range = (4000.0, 8000.0)
    max_tint: float = 0.03  # green to magenta, relative
    white_balance: Range = (0.6, 1.0)  # share of the illuminant's cast that the camera removes
    exposure_ev: Range = (-0.35, 0.35)
    gamma: Range = (0.92, 1.1)

    # the object's misfortunes
    occlusion: Range = (0.03, 0.08)  # share of the mark's box that is covered
    occlusion_chance: float = 0.0
    max_scratches: int = 0

    # lens, sensor and file
    defocus_px: Range = (0.3, 1.0)  # standard deviation at 512 px
    motion_px: Range = (1.0, 3.0)  # length of the smear at 512 px
    motion_chance: float = 0.1
    noise: Range = (0.003, 0.012)  # standard deviation at mid grey, of full scale
    chroma_noise: Range = (0.0, 0.006)
    shrink: Range = (0.7, 1.0)  # resolution left after an upload's downscaling
    shrink_chance: float = 0.3
    jpeg_quality: Range = (72.0, 95.0)
    second_jpeg_chance: float = 0.3
    monochrome_chance: float = 0.0


MILD = Conditions()

STUDIO = replace(
    MILD,
    max_roll_deg=6.0,
    focal=(1.4, 3.0),
    share=(0.50, 0.80),
    off_centre=0.3,
    curvature=(0.0, 0.3),
    curved_chance=0.2,
    backdrops=PLAIN_BACKDROPS,
    light_gradient=(0.0, 0.2),
    vignette=(0.0, 0.06),
    gloss=(0.0, 0.12),
    gloss_chance=0.3,
    shadow_chance=0.0,
    temperature_k=(5000.0, 7000.0),
    max_tint=0.01,
    white_balance=(0.85, 1.0),
    exposure_ev=(-0.15, 0.2),
    gamma=(0.97, 1.04),
    defocus_px=(0.25, 0.5),
    motion_chance=0.0,
    noise=(0.001, 0.004),
    chroma_noise=(0.0, 0.001),
    shrink_chance=0.0,
    jpeg_quality=(88.0, 97.0),
    second_jpeg_chance=0.0,
)

HARD = replace(
    MILD,
    max_yaw_deg=45.0,
    max_pitch_deg=35.0,
    max_roll_deg=25.0,
    focal=(0.75, 1.8),
    share=(0.28, 0.7),
    off_centre=0.9,
    curvature=(0.1, 0.7),
    curved_chance=0.4,
    light_gradient=(0.1, 0.7),
    vignette=(0.0, 0.4),
    gloss=(0.15, 0.8),
    gloss_chance=0.6,
    shadow_depth=(0.3, 0.65),
    shadow_chance=0.5,
    temperature_k=(2600.0, 10000.0),
    max_tint=0.07,
    white_balance=(0.2, 0.9),
    exposure_ev=(-0.9, 0.6),
    gamma=(0.8, 1.25),
    occlusion=(0.03, 0.12),
    occlusion_chance=0.25,
    max_scratches=6,
    defocus_px=(0.5, 1.9),
    motion_px=(2.0, 7.0),
    motion_chance=0.25,
    noise=(0.008, 0.04),
    chroma_noise=(0.003, 0.03),
    shrink=(0.4, 0.9),
    shrink_chance=0.5,
    jpeg_quality=(35.0, 85.0),
    second_jpeg_chance=0.6,
    monochrome_chance=0.03,
)

MONO = replace(MILD, monochrome_chance=1.0)

PRESETS: Mapping[str, Conditions] = MappingProxyType({"studio": STUDIO, "mild": MILD, "hard": HARD, "mono": MONO})
