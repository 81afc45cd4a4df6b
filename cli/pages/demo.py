"""The demo's page: every sample listing beside its genuine reference, and what that does and does not say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.pages import look
from cli.pages.exhibit import Exhibit, Tally
from vision.evidence import heat_over
from vision.photo import Photo, decode
from vision.verdict import Decision, Rate, Verdict

_PHOTO_PX, _PANE_PX = 380, 256
DECISION_WORDS = {
    Decision.DIVERGENT: "diverges from the references",
    Decision.CONSISTENT: "consistent with the references",
    Decision.UNDECIDED: "undecided",
    Decision.UNRECOGNISED: "no enrolled mark found",
}


@dataclass(frozen=True)
class _Box:
    """Where a mark lies, in percent of the photo."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, box: tuple[float, float, float, float]) -> "_Box":
        x0, y0, x1, y1 = (min(max(100 * edge, 0.5), 99.5) for edge in box)
        return cls(round(x0, 2), round(y0, 2), round(x1 - x0, 2), round(y1 - y0, 2))


@dataclass(frozen=True)
class _Shown:
    """An exhibit as the template takes it; pictures are data URIs."""

    name: str
    truth: str
    brand: str
    decision: str
    decision_words: str
    why: str
    numbers: str
    score: float | None
    p_value: float | None
    seconds: float
    photo: str
    fit: str  # CSS that fits the photo into a square, its aspect kept
    box: _Box | None
    aligned: str | None
    reference: str | None
    heat: str | None


@dataclass(frozen=True)
class _Outcome:
    """How a listing was made and what came of it: a section of the page."""

    label: str
    flagged: bool
    title: str
    words: str
    large: bool = True  # whether each is shown with all its pictures


_OUTCOMES = (
    _Outcome(
        "counterfeit",
        True,
        "Altered designs, flagged",
        "Each mark is laid over the genuine reference; colour shows where the two differ.",
    ),
    _Outcome(
        "counterfeit",
        False,
        "Altered designs, not flagged",
        "Misses: too small a difference for the allowed rate of false flags, or too little to judge by.",
    ),
    _Outcome("genuine", True, "Genuine designs, flagged", "False flags: genuine marks taken to diverge."),
    _Outcome(
        "genuine",
        False,
        "Genuine designs, not flagged",
        "Other photographs of the enrolled marks. Where no brand is named, the mark was not recognised.",
        large=False,
    ),
    _Outcome("unrelated", True, "Unrelated photos, flagged", "Photos of no enrolled brand, taken for one."),
    _Outcome(
        "unrelated",
        False,
        "Unrelated photos",
        "Marks of brands that are not enrolled, and photos of no mark at all.",
        large=False,
    ),
)


@dataclass(frozen=True)
class _Section:
    """The exhibits of one outcome."""

    outcome: _Outcome
    exhibits: tuple[_Shown, ...]


def demo(exhibits: Sequence[Exhibit], references: Mapping[str, Sequence[Path]], alpha: float, out: Path) -> Path:
    """Write the page about exhibits and the reference photos of each brand into a folder -> its file."""
    shown = {id(exhibit): _shown(exhibit) for exhibit in exhibits}
    return look.write(
        "demo.html.j2",
        out,
        tally=Tally.of(exhibits),
        brands={brand: _reference(paths[0]) for brand, paths in references.items()},
        reference_count=sum(map(len, references.values())),
        alpha=alpha,
        rate=_rate(exhibits, alpha),
        sections=_sections(exhibits, shown),
        exhibits=list(shown.values()),
    )


def _reference(path: Path) -> str:
    return look.picture(decode(path.read_bytes()).fit(_PANE_PX).pixels)


def _rate(exhibits: Sequence[Exhibit], alpha: float) -> Rate:
    """The rate that stands behind most of the decisions; the one of the fewest units among them."""
    rates = [exhibit.verdict.rate for exhibit in exhibits if exhibit.verdict.rate.n]
    return min(rates, key=lambda rate: rate.n, default=Rate(None, alpha, 0, "none", None))


def _sections(exhibits: Sequence[Exhibit], shown: dict[int, _Shown]) -> list[_Section]:
    """Mistakes stand by themselves, and none is left out; the most unlike come first."""
    by_score = sorted(exhibits, key=lambda exhibit: -(exhibit.verdict.score or 0.0))
    return [
        _Section(
            outcome, tuple(shown[id(e)] for e in by_score if (e.label, e.flagged) == (outcome.label, outcome.flagged))
        )
        for outcome in _OUTCOMES
    ]


def _shown(exhibit: Exhibit) -> _Shown:
    verdict, finding = exhibit.verdict, exhibit.finding
    evidence = None if finding is None else finding.evidence
    return _Shown(
        name=exhibit.path.name,
        truth=exhibit.truth,
        brand=verdict.brand or "",
        decision=verdict.decision.value,
        decision_words=DECISION_WORDS[verdict.decision],
        why=_sentence([reason.detail for reason in verdict.reasons]),
        numbers=_numbers(verdict),
        score=verdict.score,
        p_value=verdict.rate.p_value,
        seconds=exhibit.seconds,
        photo=look.picture(exhibit.photo.fit(_PHOTO_PX).pixels),
        fit=_fit(exhibit.photo),
        box=None if finding is None else _Box.of(finding.box),
        aligned=None if evidence is None else look.picture(evidence.listing),
        reference=None if evidence is None else look.picture(evidence.reference),
        heat=None if evidence is None else look.picture(heat_over(evidence)),
    )


def _fit(photo: Photo) -> str:
    longer = "width" if photo.width >= photo.height else "height"
    return f"aspect-ratio:{photo.width}/{photo.height};{longer}:100%"


def _sentence(reasons: Sequence[str]) -> str:
    words = "; ".join(reasons)
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _numbers(verdict: Verdict) -> str:
    rate = verdict.rate
    if verdict.score is None or rate.p_value is None:
        return ""
    at_least = round(rate.p_value * (rate.n + 1)) - 1
    others = "none is" if at_least == 0 else "1 is" if at_least == 1 else f"{at_least} are"
    return f"Score {verdict.score:.2f}; of {rate.n} genuine scores {others} as high."
