"""What the store gives back: rows as frozen records."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from index.metadata import NOTHING, Metadata

# What made a version of a set; adopted: it was there before versions were kept
Action = Literal["adopted", "added", "withdrawn", "restored", "switched_off", "switched_on", "quarantined"]
StandingName = Literal["off", "quarantined", "vouched"]
Arm = Literal["candidate", "baseline"]  # of a roll-out
Outcome = Literal["genuine", "counterfeit"]  # of a review
RescanState = Literal["waiting", "running", "done", "failed"]
NegativeKind = Literal["licensed", "former", "parody", "other_owner"]


@dataclass(frozen=True)
class Brand:
    """An enrolled brand."""

    id: str
    name: str  # as people write it
    created: datetime  # UTC
    references: int  # how many it has
    organisation: str  # whose it is


@dataclass(frozen=True)
class Reference:
    """One genuine photo of a brand."""

    brand: str
    id: str  # unique within the brand
    sha256: str  # of the bytes as uploaded: names the blob
    name: str  # as its owner calls it
    format: str
    width: int  # px, upright
    height: int
    fingerprint: int  # 64 bits, alike for photos that look alike
    sharpness: float  # how steep its edges are: about 0.01 blurred, 0.05 and up sharp
    added: datetime  # UTC
    metadata: Metadata = NOTHING


@dataclass(frozen=True)
class Snapshot:
    """References at one version of the store: all, or those of the brands whose sets changed since another."""

    store_id: str  # of this database, so that another's version 7 is not taken for this one's
    version: int
    references: tuple[Reference, ...]  # by brand, then in the order added
    changed: frozenset[str] | None = None  # the brands they are of, some without any by now; None: of all there are


@dataclass(frozen=True)
class Change:
    """A change that is durable from here on."""

    version: int  # of the store, holding the change
    count: int  # references added or withdrawn, sets of scores kept or forgotten


@dataclass(frozen=True)
class SetVersion:
    """One version of a brand's set, and the change that made it."""

    brand: str
    version: int  # of the store, when the set became this
    created: datetime  # UTC
    action: Action
    added: int
    removed: int
    held: int  # references in the set
    restored: int | None  # the version it was restored to


@dataclass(frozen=True)
class Held:
    """A reference that a version of a set held."""

    reference: Reference
    withdrawn: bool  # since then, and for good: its photo is erased, and no version brings it back


@dataclass(frozen=True)
class Difference:
    """What one version of a set has and another has not."""

    added: tuple[Held, ...]
    removed: tuple[Held, ...]


@dataclass(frozen=True)
class Restoration:
    """A set that is again what it was."""

    version: int  # of the store, holding the change
    brought_back: int
    set_aside: int  # joined since; their photos are kept, and a later version brings them back
    lost: tuple[Reference, ...]  # withdrawn since, and so not brought back


@dataclass(frozen=True)
class Standing:
    """Why a reference is out of its set, or why the match budget leaves it alone."""

    brand: str
    id: str
    standing: StandingName
    since: datetime  # UTC
    detail: str  # words for a person


@dataclass(frozen=True)
class Rollout:
    """A version of a set that judges a share of listings, beside the version that judges the others."""

    brand: str
    baseline: int  # version of the set that judges the others
    candidate: int  # version of the set as it is: it moves when the set changes
    share: float  # of listings that the candidate judges, 0..1
    seed: int  # of the draw
    begun: int  # version of the store
    started: datetime  # UTC
    is_over: bool = False  # abandoned since the gallery in service was built: the baseline judges all


@dataclass(frozen=True)
class Drawn:
    """Which version of a brand's set a listing was held against, where the brand is being rolled out."""

    brand: str
    begun: int  # names the roll-out
    arm: Arm
    version: int  # of the set


@dataclass(frozen=True)
class ArmCount:
    """What became of the listings that one version of a set was drawn for."""

    arm: Arm
    version: int  # of the set
    listings: int  # inspections, whatever they show
    recognised: int  # of them, as this brand
    flagged: int
    undecided: int


@dataclass(frozen=True)
class Negative:
    """A photo of a mark that a brand does not want flagged. It is no reference: it says nothing for the brand."""

    kind: NegativeKind
    photo: Reference


@dataclass(frozen=True)
class Claim:
    """A request whose sender may send it again, not knowing whether it arrived."""

    key: str  # its sender's name for it, within the brand
    request_sha256: str  # of what was sent


@dataclass(frozen=True)
class Receipt:
    """What a claim is answered, once the change that it asked for has a version."""

    claim: Claim
    answer: Callable[[Change], str] = field(repr=False)  # JSON


@dataclass(frozen=True)
class Inspection:
    """A past inspection."""

    id: str
    created: datetime  # UTC
    listing_id: str | None
    verdict: str  # JSON text
    evidence: bytes | None  # PNG; None where no mark was found
    organisation: str  # whose key made it
    within: str | None  # brand that the key was narrowed to


@dataclass(frozen=True)
class InspectionLine:
    """A past inspection in a line."""

    id: str
    created: datetime  # UTC
    listing_id: str | None
    decision: str | None  # None: it was recorded without one
    brand: str | None
    set_version: int | None  # of the brand's set that judged; None also where that was not recorded
    arm: Arm | None  # where the set was being rolled out
    finding: Outcome | None  # what a person found, if one did


@dataclass(frozen=True)
class Rescan:
    """A job that looks at kept listings again."""

    id: str
    brand: str  # that changed
    version: int  # of the store, that has the change
    cause: str  # action of the version, or what else changed
    created: datetime  # UTC
    state: RescanState
    finished: datetime | None
    fault: str | None  # why it failed


@dataclass(frozen=True)
class Revision:
    """An inspection that is decided otherwise by now."""

    number: int  # grows
    inspection: str
    created: datetime  # UTC
    changed: str  # brand whose set did
    cause: str
    old_decision: str  # that stood before
    old_brand: str | None
    decision: str
    brand: str | None
    set_version: int | None  # of the brand's set that judged
    verdict: str  # JSON


@dataclass(frozen=True)
class ScoreSet:
    """Genuine scores of one brand, from one source, by one scorer."""

    brand: str
    source: str  # listings | simulated
    scorer: str  # fingerprint
    made_from: str  # names the brand's references they were scored against
    photographs: int  # scored; several may count as one unit
    scores: tuple[float, ...]  # nonconformity, one an independent unit
    created: datetime  # UTC
