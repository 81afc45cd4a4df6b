"""Forgeries: how a counterfeiter errs when redrawing a mark, on raster artwork alone.

Reading order: `mark` takes artwork apart, `surgery` cuts and closes, `colour`, `outline`, `stroke`, `members`
and `lettering` are the families of alterations, `forge` chooses one and sees to it that it shows.
"""

from training.synthesis.forgery.forge import KINDS, SEVERITIES, Forgery, forge, forge_mark
from training.synthesis.forgery.mark import Mark, NotApplicable, take_apart

__all__ = ["KINDS", "SEVERITIES", "Forgery", "Mark", "NotApplicable", "forge", "forge_mark", "take_apart"]
