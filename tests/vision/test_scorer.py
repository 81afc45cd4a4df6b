"""The scorer: networks, reasons, and what they refuse."""

import json
from pathlib import Path

import numpy as np
import pytest

from vision.errors import BundleInvalid
from vision.measures.divergence import MEASURES
from vision.network import Network
from vision.scorer import CLARITY, Scorer, inputs_of
from vision.trees import NONE
from vision.verdict import FAULTS, ReasonCode

M = len(MEASURES)
C = len(CLARITY)


def content_of(weight: float = 1.0) -> dict[str, object]:
    wide = {"centre": [0.0] * 2 * M, "scale": [1.0] * 2 * M, "layers": [[[[weight]] * 2 * M, [0.5]]]}
    near = {"centre": [0.0] * 3, "scale": [1.0] * 3, "layers": [[[[weight]] * 3, [0.0]]]}
    return {
        "altered": {"network": wide, "trees": NONE, "trees_share": 0.0},
        "obscured": {"centre": [0.0] * C, "scale": [1.0] * C, "layers": [[[[1.0]] * C, [0.0]]]},
        "indulgence": 0.0,
        "recognition": {"network": wide, "trees": NONE, "trees_share": 0.0},
        "unaligned": near,
        "nearness": near,
        "recognised_above": 0.0,
        "near_above": 0.0,
        "faults": {**wide, "layers": [[[[weight] * len(FAULTS)] * 2 * M, [0.0] * len(FAULTS)]]},
    }


def test_a_network_is_its_layers() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
    content = {"centre": [1.0, 2.0, 3.0], "scale": [2.0, 2.0, 2.0], "layers": [(first, [0.1] * 4), (second, [0.2])]}
    x = np.array([1.5, 2.0, 2.0])
    expected = np.tanh(np.arcsinh((x - [1, 2, 3]) / 2) @ first + 0.1) @ second + 0.2
    assert Network.of(content)(x) == pytest.approx(float(expected[0]))


def test_an_outlandish_input_counts_by_its_logarithm() -> None:
    network = Scorer.of(content_of(), "x").divergence
    assert network(np.full(2 * M, 1e12)) == pytest.approx(np.log(2e12) * 2 * M + 0.5)


def test_what_is_hard_to_see_is_excused_by_as_much_at_most() -> None:
    scorer = Scorer.of(content_of(0.0) | {"indulgence": 2.0}, "x")
    clear, dark = np.full(2 * M, -1e9), np.full(2 * M, 1e9)
    assert scorer.divergence(clear) - scorer.divergence(dark) == pytest.approx(2.0)


def test_a_brand_is_believed_by_as_much_as_it_exceeds_the_operating_point() -> None:
    scorer = Scorer.of(content_of(0.0) | {"recognised_above": 0.2}, "x")
    assert scorer.belief(np.zeros(2 * M)) == pytest.approx(0.5 - 0.2)


def test_inputs_are_measures_and_what_they_exceed_the_references_own_by() -> None:
    measures = np.arange(M, dtype=np.float32)
    genuine = np.stack([measures - 1, measures - 2, measures - 3])
    inputs = inputs_of(measures, genuine)
    assert np.allclose(inputs[:M], measures)
    assert np.allclose(inputs[M:], 2)


def test_one_reference_has_nothing_of_its_own_to_compare_with() -> None:
    inputs = inputs_of(np.ones(M, np.float32), np.full((1, M), np.nan, np.float32))
    assert np.allclose(inputs[M:], 0)


def test_reasons_are_the_likeliest_faults_as_far_as_they_are_believed() -> None:
    belief = np.log([0.05, 0.25, 0.02, 0.02, 0.6, 0.02, 0.02, 0.02])
    content = content_of()
    content["faults"] = {
        "centre": [0.0] * 2 * M, "scale": [1.0] * 2 * M, "layers": [[[[0.0] * len(FAULTS)] * 2 * M, belief.tolist()]]
    }  # fmt: skip
    scorer = Scorer.of(content, "x")
    named = dict(scorer.reasons(np.zeros(2 * M)))
    assert list(named) == [ReasonCode.PART_MISSING, ReasonCode.STROKE_WEIGHT]
    assert list(named.values()) == pytest.approx([0.6, 0.25], abs=0.01)
    assert [code for code, _ in scorer.reasons(np.zeros(2 * M), least=0.3)] == [ReasonCode.PART_MISSING]


def test_fingerprint_follows_weights_and_embedder(tmp_path: Path) -> None:
    path = tmp_path / "scorer.json"
    path.write_text(json.dumps(content_of()))
    one, other = Scorer.load(path, "embedder-a"), Scorer.load(path, "embedder-b")
    path.write_text(json.dumps(content_of(2.0)))
    third = Scorer.load(path, "embedder-a")
    assert len({one.fingerprint, other.fingerprint, third.fingerprint}) == 3


def test_a_scorer_of_other_measures_is_refused() -> None:
    content = content_of()
    narrow = {"centre": [0.0] * 4, "scale": [1.0] * 4, "layers": [[[[0.0]] * 4, [0.0]]]}
    content["altered"] = {"network": narrow, "trees": NONE, "trees_share": 0.0}
    with pytest.raises(BundleInvalid, match=f"reads 4 values for altered, this version makes {2 * M}"):
        Scorer.of(content, "x")


def test_a_scorer_of_an_earlier_version_is_refused() -> None:
    content = content_of()
    content["recognition"] = content["nearness"]
    with pytest.raises(BundleInvalid, match=r"earlier version.*fit it anew"):
        Scorer.of(content, "x")
