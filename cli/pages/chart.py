"""Charts as inline SVG, in the colours of the page: how well scores part altered from genuine listings."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from training import metrics

_SIDE, _MARGIN, _EDGE = 300, 48, 22  # px: of the plot, of the words left and below, and of the other two sides
_BARS = 30


def roc(altered: Sequence[float], genuine: Sequence[float]) -> Markup:
    """Altered listings found against genuine ones flagged, over every threshold; nothing without both kinds."""
    if not altered or not genuine:
        return Markup()
    steps = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in metrics.roc(np.array(altered), np.array(genuine)))
    drawn = Markup('<polyline points="{}" class="diagonal"/><polyline points="{}" class="curve"/>').format(
        f"{_x(0)},{_y(0)} {_x(1)},{_y(1)}", steps
    )
    return _plot(drawn, "genuine listings scoring above", "altered listings scoring above", percent=True)


def histogram(altered: Sequence[float], genuine: Sequence[float]) -> Markup:
    """How the scores of the two kinds lie, each as a share of its kind; nothing without both."""
    if not altered or not genuine:
        return Markup()
    edges = np.linspace(min(*altered, *genuine), max(*altered, *genuine), _BARS + 1)
    shares = [np.histogram(scores, edges)[0] / len(scores) for scores in (genuine, altered)]
    top = float(max(share.max() for share in shares))
    bars = Markup().join(
        _bar(number, share / top, kind)
        for kind, each in zip(("genuine", "altered"), shares, strict=True)
        for number, share in enumerate(each)
        if share
    )
    words = f"score, {edges[0]:.1f} to {edges[-1]:.1f}; larger is less like the genuine"
    return _plot(bars, words, "share of listings", percent=False)


def _bar(number: int, height: float, kind: str) -> Markup:
    width = _SIDE / _BARS
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        _MARGIN + number * width, _y(height), width - 1, height * _SIDE, kind
    )


def _plot(drawn: Markup, across: str, up: str, percent: bool) -> Markup:
    whole, middle = _SIDE + _MARGIN + _EDGE, _MARGIN + _SIDE / 2
    ticks = Markup().join(_tick(share) for share in (0, 0.25, 0.5, 0.75, 1)) if percent else Markup()
    return Markup(
        '<svg viewBox="0 0 {0} {0}" class="chart" role="img" aria-label="{3} against {4}">'
        '<rect x="{1}" y="{10}" width="{2}" height="{2}" class="field"/>{5}{6}'
        '<text x="{7}" y="{8}" class="axis">{4}</text>'
        '<text x="12" y="{9}" transform="rotate(-90 12 {9})" class="axis">{3}</text></svg>'
    ).format(whole, _MARGIN, _SIDE, up, across, ticks, drawn, middle, whole - 6, _EDGE + _SIDE / 2, _EDGE)


def _tick(share: float) -> Markup:
    return Markup(
        '<text x="{:.0f}" y="{:.0f}" class="tick">{:.0%}</text><text x="{}" y="{:.0f}" class="tick left">{:.0%}</text>'
    ).format(_x(share), _y(0) + 15, share, _MARGIN - 5, _y(share) + 4, share)


def _x(share: float) -> float:
    return _MARGIN + share * _SIDE


def _y(share: float) -> float:
    return _EDGE + (1 - share) * _SIDE
