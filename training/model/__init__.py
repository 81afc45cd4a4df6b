"""The model: an image tower and a text tower, what they start from, what of them is trained, how they are exported."""

from training.model.build import Network, build, dim
from training.model.pixels import MEAN, STD, normalised, statistics
from training.model.towers import ImageTower, TextTower

__all__ = ["MEAN", "STD", "ImageTower", "Network", "TextTower", "build", "dim", "normalised", "statistics"]
