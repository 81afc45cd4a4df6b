"""The model: an image tower and a text tower, what they start from and how they are exported."""

from training.model.build import build
from training.model.towers import MEAN, STD, ImageTower, TextTower, normalised

__all__ = ["MEAN", "STD", "ImageTower", "TextTower", "build", "normalised"]
