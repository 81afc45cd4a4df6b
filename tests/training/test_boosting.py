"""Boosting: the trees that are walked are the trees that were fitted."""

import numpy as np
import pytest

from training.boosting import Growth, boost
from vision.trees import NONE, Trees

pytest.importorskip("sklearn", reason="fitting needs the extra `train`")


def test_the_walk_ends_where_scikit_learns_does() -> None:
    from sklearn.ensemble import GradientBoostingClassifier

    rng = np.random.default_rng(0)
    inputs = np.asarray(rng.normal(size=(300, 6)), np.float32).astype(np.float64)  # scikit-learn's own precision
    asked = inputs[:, 0] * inputs[:, 1] + 0.3 * rng.normal(size=300) > 0
    weight = rng.uniform(0.5, 1.5, 300)
    growth = Growth(trees=25, depth=3, inputs=0.9, least_leaf=5)
    model = GradientBoostingClassifier(
        n_estimators=25, max_depth=3, learning_rate=growth.rate, subsample=growth.rows, max_features=0.9,
        min_samples_leaf=5, random_state=0,
    ).fit(inputs, asked, weight * 300 / weight.sum())  # fmt: skip
    trees = Trees.of(boost(inputs, asked, weight, growth))
    assert [trees(row) for row in inputs] == pytest.approx(model.decision_function(inputs).tolist(), abs=1e-9)


def test_no_trees_say_nothing() -> None:
    assert Trees.of(NONE)(np.zeros(4)) == 0.0
