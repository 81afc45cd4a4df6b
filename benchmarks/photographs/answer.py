"""Answer: what serving says of one real photograph, and whether that is right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.forgery.readings import AtAlpha
from benchmarks.photographs.trial import Box, Trial
from index.folder import passing_gallery
from training.evaluate import Examination, look
from training.listing import Listing
from vision.bundle import Bundle
from vision.embedder import OnnxEmbedder
from vision.errors import TouchstoneError
from vision.evidence import picture
from vision.inspection import Inspector
from vision.photo import Photo
from vision.policy import Policy
from vision.recognition import Recognition
from vision.verdict import Decision, Finding

ALPHAS = (0.01, 0.05)
BESIDE = 0.15  # of its longer side: how far beside a box the centre of what was found may lie

Tell = Callable[[str, int, int], None]  # stage, done, total


@dataclass(frozen=True)
class Answer:
    """One photograph as it was answered."""

    trial: str
    listing: Listing
    mark_px: int | None  # longer side of its brand's largest mark, where boxes are known
    predicted: str  # brand, or nothing
    on_mark: bool | None  # whether what was found lies on a mark of the brand; None where that cannot be told
    rank: int | None  # of the true brand by embedding, from 1: the first few are candidates; past all that are near
    inliers: int | None  # local features that agree with the true brand's references, where it was aligned
    recognition: float | None  # log odds over the operating point: the true brand as if claimed, or what was found
    score: float | None
    p_value: float | None
    decisions: Mapping[float, str]  # by alpha
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""
    picture: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def outcome(self) -> str:
        """right | wrong | missed of a brand's photograph; quiet | false of one that shows no enrolled brand."""
        if self.listing.brand is None:
            return "false" if self.predicted else "quiet"
        if not self.predicted:
            return "missed"
        return "right" if self.predicted == self.listing.brand else "wrong"

    def decided(self, alpha: float, decision: Decision) -> bool:
        """Whether this was the decision at this alpha."""
        return self.decisions.get(alpha) == decision.value


@dataclass(frozen=True)
class Answered:
    """A trial's answers, and into how many marks the references of the brands asked about fell."""

    answers: tuple[Answer, ...]
    enrolled: Mapping[str, tuple[int, ...]]  # brand -> references of each template, in the order they are tried


def answer(bundle: Bundle, trial: Trial, policy: Policy, tell: Tell) -> Answered:
    """Enrol the trial's references and inspect its listings, not told their brands, as serving would."""
    embedder = OnnxEmbedder(bundle)
    with passing_gallery(
        trial.references, embedder, lambda p: tell(f"{trial.name}: enrol", p.done, p.total)
    ) as gallery:
        inspector = Inspector.of(bundle, embedder, gallery, replace(policy, alpha=max(ALPHAS)))
        enrolled = {brand: tuple(map(len, gallery.templates(brand))) for brand in trial.inspected}
        return Answered(tuple(_answers(inspector, trial, tell)), enrolled)


def _answers(inspector: Inspector, trial: Trial, tell: Tell) -> Iterator[Answer]:
    for done, listing in enumerate(trial.listings, 1):
        try:
            yield _answer(inspector, trial, listing, look(inspector, listing))
        except (OSError, TouchstoneError) as fault:
            yield Answer(trial.name, listing, None, "", None, None, None, None, None, None, {}, error=str(fault))
        tell(f"{trial.name}: inspect", done, len(trial.listings))


def _answer(inspector: Inspector, trial: Trial, listing: Listing, seen: Examination) -> Answer:
    boxes = trial.boxes.get(listing.path, ())
    best = next((f for f in seen.verdict.photos[0].regions if f.brand == seen.verdict.brand), None)
    held = seen.held or next((r for r in seen.found if r.brand == seen.verdict.brand), None)
    verdicts = {a: inspector.decide([seen.found], judge=AtAlpha(inspector.calibration, a)) for a in ALPHAS}
    return Answer(
        trial=trial.name,
        listing=listing,
        mark_px=max((max(b[2] - b[0], b[3] - b[1]) for b in boxes), default=None),
        predicted=seen.verdict.brand or "",
        on_mark=_on_mark(best, boxes, seen.photo) if best and boxes and best.brand == listing.brand else None,
        rank=_rank(held) if held else None,
        inliers=held.sighting.inliers if held and held.sighting else None,
        recognition=held.recognition if held else None,
        score=held.score if held else None,
        p_value=seen.verdict.rate.p_value,
        decisions={a: verdict.decision.value for a, verdict in verdicts.items()},
        reasons=tuple(reason.code.value for reason in seen.verdict.reasons),
        seconds=seen.seconds,
        picture=_picture(inspector, seen, best),
    )


def _rank(held: Recognition) -> int:
    near = list(held.look.distances)
    return near.index(held.brand) + 1 if held.brand in near else len(near) + 1


def _on_mark(found: Finding, boxes: Sequence[Box], photo: Photo) -> bool | None:
    """Whether the centre of what was found lies on a box; None where it was not aligned."""
    if found.evidence is None:
        return None
    x, y = ((found.box[i] + found.box[i + 2]) / 2 * side for i, side in enumerate((photo.width, photo.height)))
    reach = [BESIDE * max(b[2] - b[0], b[3] - b[1]) for b in boxes]
    near = ((b[0] - r <= x <= b[2] + r and b[1] - r <= y <= b[3] + r) for b, r in zip(boxes, reach, strict=True))
    return any(near)


def _picture(inspector: Inspector, seen: Examination, best: Finding | None) -> bytes | None:
    """The evidence as served; of a mark that was missed, what it was held against in vain."""
    if best is None and seen.held is not None:
        forced = inspector.decide([[replace(seen.held, recognition=1.0)]])
        best = forced.photos[0].regions[0]
    return picture(seen.photo, best, seen.verdict) if best is not None else None
