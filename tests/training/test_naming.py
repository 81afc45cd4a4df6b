"""Fitting what the closer look adds: it helps where it tells, leaves alone where it does not, and is served."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.training.test_scorer import records_of
from training import naming
from training.assemble import put
from training.fault import FAULT_OF_KIND
from training.naming import Lesson
from training.rehearsal import Records, blank_scorer
from training.scorer import apply_all
from vision.bundle import Bundle, carried
from vision.errors import BundleInvalid, ConfigurationError
from vision.faults.naming import EVIDENCE, Naming
from vision.verdict import FAULTS, ReasonCode

pytest.importorskip("sklearn", reason="fitting needs the extra `train`")
MIRRORED = FAULTS.index(ReasonCode.MIRRORED)


def taught(telling: float) -> Lesson:
    """Forgeries whose logits say nothing, and whose flipped parts tell the mirrored ones by so much."""
    whole = records_of(brands=120)
    forged = whole.where(whole.label == "counterfeit")
    evidence = np.random.default_rng(0).normal(size=(len(forged.label), len(EVIDENCE)))
    evidence[forged.alteration == "mirrored", EVIDENCE.index("part_flipped")] += telling
    fields = {name: getattr(forged, name) for name in forged.__dataclass_fields__}
    records = Records(**{**fields, "evidence": evidence})
    count = len(records.label)
    return Lesson(records, np.zeros((count, len(FAULTS))), np.ones(count, np.bool_))


def test_what_tells_a_fault_raises_it() -> None:
    lesson = taught(telling=4.0)
    said = naming.cross_validated(lesson)[:, MIRRORED]
    mirrored = lesson.records.alteration == "mirrored"
    assert said[mirrored].mean() > said[~mirrored].mean() + 0.5


def test_what_tells_nothing_says_little() -> None:
    assert np.abs(naming.cross_validated(taught(telling=0.0))[:, MIRRORED]).mean() < 0.3


def test_records_without_a_second_look_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no record holds a closer look"):
        naming.lesson(records_of(brands=20), blank_scorer())


def test_a_report_counts_each_kind() -> None:
    table = naming.report(taught(telling=4.0))
    assert table.row_count == len(FAULT_OF_KIND) + 1


def test_what_is_fitted_is_put_into_a_bundle_and_served(tmp_path: Path) -> None:
    bundle = Bundle.open(Path(shutil.copytree(carried(), tmp_path / "bundle")))
    content = naming.fit(taught(telling=4.0))
    path = put(bundle, "naming", json.dumps(content).encode()).part("naming")
    assert path is not None
    served = Naming.load(path).network.outputs(np.zeros(len(EVIDENCE)))
    assert served == pytest.approx(apply_all(content, np.zeros((1, len(EVIDENCE))))[0])
    assert bundle.part("scorer") is not None


def test_a_naming_of_other_evidence_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "naming.json"
    path.write_text(json.dumps({"centre": [0.0], "scale": [1.0], "layers": [[[[0.0]], [0.0]]]}))
    with pytest.raises(BundleInvalid, match="reads 1 values"):
        Naming.load(path)
