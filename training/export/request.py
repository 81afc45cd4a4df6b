"""Request: what to export, and how much each precision must agree."""

from dataclasses import dataclass, replace
from pathlib import Path

from training.export.agreement import DECISIONS, GATES, Gate
from vision.bundle import Precision
from vision.errors import ConfigurationError

PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16", "int8")

_ROOT: frozenset[Precision] = frozenset({"fp32"})


@dataclass(frozen=True)
class Request:
    """One export."""

    source: str  # a run's folder, a checkpoint, or an open_clip architecture with or without `:TAG`
    architecture: str | None = None  # of a checkpoint
    pretrained: str | None = None  # tag, where `source` names none
    random: bool = False  # random weights, for trying things out
    precisions: tuple[Precision, ...] = PRECISIONS  # that go into the bundle where they pass
    required: frozenset[Precision] = frozenset()  # that must pass
    serve: Precision | None = None  # None: fp16 where it passes, else the first that does
    least_decisions: float = DECISIONS  # of fp16 and int8
    queries: int = 1000  # photographs that are decided on
    licence: str | None = None

    def __post_init__(self) -> None:
        wanted = self.required | ({self.serve} if self.serve else set())
        if missing := wanted - set(self.precisions):
            raise ConfigurationError(
                f"{', '.join(sorted(missing))} must be in the bundle, but only {', '.join(self.precisions)} are made"
            )

    @property
    def needed(self) -> frozenset[Precision]:
        """Precisions without which there is no bundle: what all others are made from, first of all."""
        served: frozenset[Precision] = frozenset({self.serve} if self.serve else ())
        return self.required | served | _ROOT

    def gate(self, precision: Precision) -> Gate:
        """What a precision must agree in. fp32 does not give way."""
        usual = GATES[precision]
        return usual if precision == "fp32" else replace(usual, decisions=self.least_decisions)

    @property
    def path(self) -> Path:
        """The source as a path."""
        return Path(self.source)
