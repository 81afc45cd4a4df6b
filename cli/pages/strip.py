"""Strips as inline SVG: genuine scores as ticks on one axis, a row a source, with the thresholds across them."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

_WIDTH, _ROW, _LEFT, _RIGHT, _FOOT = 640, 34, 76, 16, 30  # px: of the whole, a row, the words, the end, the axis
_TICKS = 5  # figures on the axis


def scores(sources: Sequence[Mapping[str, Any]]) -> Markup:
    """The scores of each source of a report's brand, larger to the right; nothing where there are none."""
    shown = [source for source in sources if source["scores"]]
    if not shown:
        return Markup()
    low = min(min(source["scores"]) for source in shown)
    high = max(max(source["scores"]) for source in shown)
    axis = _Axis(low, high if high > low else low + 1.0)
    rows = Markup().join(_row(place, source, axis) for place, source in enumerate(shown))
    foot = len(shown) * _ROW
    return Markup(
        '<svg viewBox="0 0 {} {}" class="strip" role="img" aria-label="genuine scores by source">{}{}'
        '<text x="{}" y="{}" class="end">score; larger is less like the genuine</text></svg>'
    ).format(_WIDTH, foot + _FOOT, rows, _figures(axis, foot), _WIDTH - _RIGHT, foot + 27)


class _Axis:
    """Where a score lies across the strip, in px."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, score: float) -> str:
        return f"{_LEFT + (score - self.low) / (self.high - self.low) * (_WIDTH - _LEFT - _RIGHT):.1f}"


def _row(place: int, source: Mapping[str, Any], axis: _Axis) -> Markup:
    top, bottom = place * _ROW + 6, place * _ROW + _ROW - 6
    ticks = Markup().join(
        Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" class="score"/>').format(axis(score), top + 5, bottom - 5)
        for score in source["scores"]
    )
    lines = Markup().join(
        Markup(
            '<line class="threshold" x1="{0}" x2="{0}" y1="{1}" y2="{2}"><title>flagged above at {3:.0%}</title></line>'
        ).format(axis(threshold["above"]), top, bottom, float(alpha))
        for alpha, threshold in source["thresholds"].items()
        if threshold is not None
    )
    name = Markup('<text x="0" y="{}">{}</text>').format((top + bottom) / 2 + 4, source["source"])
    ground = Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="ground"/>').format(
        _LEFT, _WIDTH - _RIGHT, bottom, bottom
    )
    return name + ground + ticks + lines


def _figures(axis: _Axis, foot: int) -> Markup:
    steps = [axis.low + (axis.high - axis.low) * step / (_TICKS - 1) for step in range(_TICKS)]
    return Markup().join(
        Markup('<text x="{}" y="{}" class="figure">{:.1f}</text>').format(axis(step), foot + 12, step) for step in steps
    )
