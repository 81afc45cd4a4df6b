"""Fitting the scorer: networks laid side by side, weights by brand, operating points, pooled calibration."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from training import calibrate, scorer
from training.fault import FAULT_OF_KIND
from training.rehearsal import Records, blank_scorer
from vision.errors import ConfigurationError
from vision.faults.naming import EVIDENCE
from vision.measures.divergence import MEASURES
from vision.network import Network
from vision.scorer import NEARNESS, Scorer

pytest.importorskip("sklearn", reason="fitting needs the extra `train`")
M = len(MEASURES)


def records_of(brands: int = 24, seed: int = 0) -> Records:
    """Brands with two genuine, two forged listings each and a stranger's photo; forgeries show in one measure."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[str, str, str, int]] = []
    for b in range(brands):
        rows += [("genuine", f"b{b}", f"b{b}", 4 * b), ("genuine", f"b{b}", f"b{b}", 4 * b + 1)]
        rows += [("counterfeit", f"b{b}", f"b{b}", 4 * b + 2), ("unrelated", "", f"b{b}", 4 * b + 3)]
    label = np.array([r[0] for r in rows])
    measures = rng.normal(size=(len(rows), 2 * M))
    measures[label == "counterfeit", MEASURES.index("missing")] += 4
    measures[label == "unrelated", MEASURES.index("decorrelation")] += 6
    nearness = rng.normal(size=(len(rows), len(NEARNESS))) + 3 * (label == "unrelated")[:, None]
    count = len(rows)
    return Records(
        label=label,
        alteration=np.where(label == "counterfeit", np.array(list(FAULT_OF_KIND))[np.arange(count) // 4 % 10], ""),
        severity=np.where(label == "counterfeit", 2, 0),
        condition=np.where(np.arange(count) % 3 == 0, "hard", "mild"),
        brand=np.array([r[1] for r in rows]),
        held=np.array([r[2] for r in rows]),
        photo=np.array([r[3] for r in rows]),
        world=np.zeros(count, np.int64),
        references=np.full(count, 8),
        aligned=np.ones(count, np.bool_),
        measures=measures,
        nearness=nearness,
        evidence=np.full((count, len(EVIDENCE)), np.nan),
        astray=np.zeros(count, np.bool_),
    )


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_members_side_by_side_are_their_mean() -> None:
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 5)), rng.random(80) > 0.5
    members = [
        MLPClassifier((4, 3), activation="tanh", solver="lbfgs", max_iter=60, random_state=s).fit(x, y) for s in (1, 2)
    ]
    joined = Network.of({"centre": [0.0] * 5, "scale": [1.0] * 5, "layers": scorer._side_by_side(members)})
    mean = np.mean([np.log(p[:, 1] / p[:, 0]) for p in (m.predict_proba(x) for m in members)], axis=0)
    assert np.allclose([joined(np.sinh(row)) for row in x], mean, atol=1e-6)


def test_every_brand_and_both_labels_weigh_alike() -> None:
    groups = np.array(["a"] * 6 + ["b"] * 2)
    positive = np.array([True, False] * 4)
    weight = scorer.balanced(groups, positive)
    assert weight[positive].sum() == pytest.approx(weight[~positive].sum())
    assert weight[:6][positive[:6]].sum() == pytest.approx(weight[6:][positive[6:]].sum())


def test_cross_validation_finds_what_forgeries_show() -> None:
    records = records_of(brands=150)
    scores = scorer.cross_validated(records)
    rows = scorer.divergence_rows(records)
    assert scores[rows.label == "counterfeit"].mean() > scores[rows.label == "genuine"].mean() + 1


def test_scores_in_cross_validation_are_those_that_are_served() -> None:
    records = records_of()
    content = scorer.fit_all(records)
    served = Scorer.of(content, "x")
    assert scorer.divergences(content, records.measures[:3]) == pytest.approx(
        [served.divergence(row) for row in records.measures[:3]]
    )


def test_photographs_all_of_one_condition_are_refused() -> None:
    records = records_of()
    with pytest.raises(ConfigurationError, match="all hard or none is"):
        scorer.fit_divergence(records.where(records.condition == "mild"))


def test_what_is_fitted_loads_and_is_deterministic() -> None:
    one, other = scorer.fit_all(records_of()), scorer.fit_all(records_of())
    assert one == other
    loaded = Scorer.of(one, "x")
    assert np.isfinite(loaded.divergence(np.zeros(2 * M)))
    assert loaded.recognised_above >= 0


def test_operating_point_lets_few_strangers_through() -> None:
    records = records_of(brands=200)
    content = scorer.fit_all(records)
    strangers = records.where(records.label == "unrelated")
    recognised = scorer.apply_odds(content["recognition"], strangers.measures) > content["recognised_above"]
    assert recognised.mean() <= scorer.FALSE_RECOGNITION


def test_pooled_calibration_takes_one_photo_a_brand() -> None:
    records = records_of()
    pooled = calibrate.pooled(records, blank_scorer())
    assert {count: len(scores) for count, scores in pooled.items()} == {8: 24}


def test_a_photo_that_was_not_recognised_is_not_calibrated_on() -> None:
    records = records_of(brands=3)
    aligned: NDArray[np.bool_] = records.held != "b1"
    unseen = Records(**{**{n: getattr(records, n) for n in records.__dataclass_fields__}, "aligned": aligned})
    assert len(calibrate.pooled(unseen, blank_scorer())[8]) == 2


def test_nothing_is_learned_from_what_was_aligned_astray() -> None:
    records = records_of(brands=3)
    astray: NDArray[np.bool_] = records.own & (records.held == "b1")
    strayed = Records(**{**{n: getattr(records, n) for n in records.__dataclass_fields__}, "astray": astray})
    assert "b1" not in scorer.divergence_rows(strayed).held
    assert len(scorer.recognition_rows(strayed).label) == len(records.label) - int(astray.sum())


def test_records_survive_their_file(tmp_path: Path) -> None:
    records = records_of(brands=2)
    records.save(tmp_path / "world-0000.npz")
    again = Records.load([tmp_path / "world-0000.npz"])
    assert np.array_equal(again.measures, records.measures)
    assert np.array_equal(again.label, records.label)
