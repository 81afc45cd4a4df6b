"""The pages that commands write: one file each, with nothing to fetch from elsewhere."""

from cli.pages.calibration import calibration
from cli.pages.demo import demo
from cli.pages.evaluation import evaluation

__all__ = ["calibration", "demo", "evaluation"]
