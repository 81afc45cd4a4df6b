"""The evidence page: one file of HTML that lays an inspection before a person who decides by it, such as a lawyer."""

import base64
import io
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from vision.evidence import CAPTIONS, in_words, panels_of
from vision.verdict import Decision, Rate, Verdict
from vision.version import version

TITLES = {
    Decision.DIVERGENT: "diverges from the genuine references",
    Decision.CONSISTENT: "consistent with the genuine references",
    Decision.UNDECIDED: "undecided",
    Decision.UNRECOGNISED: "no mark recognised",
}
SOURCES = {
    "pooled": "one each from other brands, pooled",
    "listings": "confirmed genuine listings of this brand",
    "simulated": "this brand's references photographed anew by simulation",
    "none": "of no source",
}
_WORDS = dict(
    zip(
        CAPTIONS,
        (
            "Listing photo. The mark found is framed; numbered boxes are the reasons below.",
            "The listing's mark, laid into the frame of the reference.",
            "The nearest genuine reference, in the same frame.",
            "Where the two differ, drawn over the listing's mark: pale yellow little, red much.",
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Occasion:
    """What was inspected, and when."""

    photos: Sequence[str]  # file names, in the order inspected
    at: datetime  # with its time zone
    claimed_brand: str | None = None
    listing: str | None = None
    name: str | None = None  # of the inspection
    fdr: float | None = None  # share of false ones among the flags of a batch, where that decided


@dataclass(frozen=True)
class _Panel:
    uri: str
    caption: str
    words: str


def page(verdict: Verdict, occasion: Occasion, picture: bytes) -> str:
    """The page of a verdict, its pictures out of `evidence.picture` inlined. Names from outside are escaped."""
    return (
        _environment()
        .get_template("evidence.html.j2")
        .render(
            verdict=verdict,
            occasion=occasion,
            title=TITLES[verdict.decision],
            words=in_words(verdict),
            panels=[_Panel(_uri(panel), caption, _WORDS[caption]) for caption, panel in panels_of(picture)],
            sureness=sureness(verdict.rate, occasion.fdr),
            command=_command(verdict, occasion),
            version=version(),
        )
    )


def sureness(rate: Rate, fdr: float | None = None) -> list[str]:
    """The error rate in sentences: p-value, allowed rate, what it was set by, bound."""
    said = [f"At most {100 * rate.alpha:g}% of genuine listings are allowed to be flagged."]
    if fdr is not None:
        said = [f"Decided with its whole batch: {100 * fdr:g}% of the batch's flags may be of genuine listings."]
    if rate.p_value is None:
        said.append("No p-value can be given.")
    else:
        said.append(
            f"p-value {rate.p_value:.4f}: the share of genuine units, this one counted among them, that look at least "
            "this unlike their references."
        )
    said.append(f"Set by {rate.n} genuine units: {SOURCES.get(rate.source, rate.source)}.")
    if rate.bound is None:
        said.append("No upper bound on the rate of false flags is stated with it.")
    else:
        said.append(f"With 95% confidence, at most {rate.bound:.2%} of genuine listings like those are flagged.")
    return said


def _command(verdict: Verdict, occasion: Occasion) -> str:
    claim = ["--brand", occasion.claimed_brand] if occasion.claimed_brand else []
    by = ["--alpha", f"{verdict.rate.alpha:g}"] if occasion.fdr is None else ["--fdr", f"{occasion.fdr:g}"]
    return shlex.join(["touchstone", "inspect", *claim, *by, "--", *occasion.photos])


def _uri(panel: Image.Image) -> str:
    stream = io.BytesIO()
    panel.save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("vision", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
