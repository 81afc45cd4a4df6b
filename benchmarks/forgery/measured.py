"""Measured: all that one run of the benchmark measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.forgery.curve import Point
from benchmarks.forgery.false_flags import AtRate
from benchmarks.forgery.faults import Fault
from benchmarks.forgery.figures import Labelled
from benchmarks.forgery.readings import Reading
from benchmarks.forgery.row import Row


@dataclass(frozen=True, eq=False)
class Measured:
    """All that one run measured."""

    about: Mapping[str, Any]  # machine, bundle, set, split, alpha
    rows: Sequence[Row]  # ours first
    absent: Mapping[str, str]  # row -> why
    labelled: Labelled
    readings: Sequence[Reading]  # of branded listings
    recognition: Mapping[str, Any]  # of `training.evaluate`
    rates: Sequence[AtRate]
    rates_by_slice: Mapping[str, Sequence[AtRate]]
    faults: Sequence[Fault]
    curve: Sequence[Point]
