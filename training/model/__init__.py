"""The model: an image tower and a text tower, what they start from, what of them is trained."""

from training.model.build import Network, build, dim
from training.model.pixels import MEAN, STD, normalised, statistics

__all__ = ["MEAN", "STD", "Network", "build", "dim", "normalised", "statistics"]
