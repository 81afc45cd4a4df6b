"""The camera: photographs a flat or gently curved canvas as a seller or a brand would.

Reading order: conditions (what may vary), pose (pinhole geometry), backdrop, light, wear, sensor, shot.
Needs numpy and OpenCV only. All chance comes from the generator handed in: the same seed gives the same
bytes. The camera never knows whether a canvas is genuine; the same distribution photographs both.
"""

from vision.camera.conditions import BUSY_BACKDROPS, HARD, MILD, MONO, PRESETS, STUDIO, Conditions
from vision.camera.shot import Shot, cover, photograph

__all__ = ["BUSY_BACKDROPS", "HARD", "MILD", "MONO", "PRESETS", "STUDIO", "Conditions", "Shot", "cover", "photograph"]
