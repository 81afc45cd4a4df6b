"""Scenes: listing photographs as sellers make them, composed, with the visible extent of every mark known.

Reading order: `imprint` (whose mark), `standing` (where it can be seen), `thing` and what is one (`packaging`,
`oddments`), `stand` (how it stands before the camera), `picture` (a scene in the light) and `sheet` (what is done to
pictures afterwards), `hand`, the compositions (`lying`, `held`, `closeup`, `shelf`, `monogram`, `advert`, `collage`,
`page`), `overlay`, `compose`. All chance comes from the generator handed in; needs numpy and OpenCV only.
"""

from training.synthesis.scene.compose import COMPOSITIONS, Scene, compose
from training.synthesis.scene.imprint import Cast, Imprint
from training.synthesis.scene.standing import Standing

__all__ = ["COMPOSITIONS", "Cast", "Imprint", "Scene", "Standing", "compose"]
