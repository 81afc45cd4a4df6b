"""Boosting: decision trees fitted by scikit-learn, in the form that `vision/trees.py` walks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.trees import Trees


@dataclass(frozen=True)
class Growth:
    """Size and restraint of the trees (Friedman, "Stochastic gradient boosting", 2002)."""

    trees: int = 300
    depth: int = 4
    rate: float = 0.05  # share of each tree's correction that is taken
    rows: float = 0.6  # share of the rows that each tree sees
    inputs: float = 0.15  # share of the inputs that each node may ask for
    least_leaf: int = 15


def boost(
    inputs: NDArray[np.float64], asked: NDArray[np.bool_], weight: NDArray[np.float64], growth: Growth | None = None
) -> dict[str, Any]:
    """JSON form of trees that give the log odds of `asked` `[R]` from inputs `[R, M]`; weights are relative."""
    from sklearn.ensemble import GradientBoostingClassifier  # type: ignore[import-untyped,unused-ignore]

    growth = growth or Growth()
    model = GradientBoostingClassifier(
        n_estimators=growth.trees, max_depth=growth.depth, learning_rate=growth.rate, subsample=growth.rows,
        max_features=growth.inputs, min_samples_leaf=growth.least_leaf, random_state=0,
    ).fit(inputs, asked, weight * len(weight) / weight.sum())  # fmt: skip
    grown = [_complete(stage[0].tree_, growth.depth) for stage in model.estimators_]
    feature, threshold, value = (np.stack(part) for part in zip(*grown, strict=True))
    prior = float(model.decision_function(inputs[:1])[0] - _said(grown, inputs[0], growth))
    return {
        "depth": growth.depth,
        "feature": feature.tolist(),
        "threshold": threshold.tolist(),
        "value": (growth.rate * value).tolist(),
        "bias": prior,
    }


_Tree = tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]  # feature, threshold, value


def _complete(tree: Any, depth: int) -> _Tree:
    """scikit-learn's tree with every leaf brought down to the last level."""
    nodes = 2**depth - 1
    feature, threshold, value = np.zeros(nodes, np.intp), np.full(nodes, 1e300), np.zeros(nodes + 1)

    def place(node: int, at: int) -> None:
        if at >= nodes:
            value[at - nodes] = tree.value[node, 0, 0]
        elif tree.children_left[node] < 0:  # a leaf: whichever way the walk goes, it ends here
            place(node, 2 * at + 1)
            place(node, 2 * at + 2)
        else:
            feature[at], threshold[at] = tree.feature[node], tree.threshold[node]
            place(int(tree.children_left[node]), 2 * at + 1)
            place(int(tree.children_right[node]), 2 * at + 2)

    place(0, 0)
    return feature, threshold, value


def _said(grown: list[_Tree], inputs: NDArray[np.float64], growth: Growth) -> float:
    feature, threshold, value = (np.stack(part) for part in zip(*grown, strict=True))
    row = np.asarray(inputs, np.float32).astype(np.float64)  # as scikit-learn sees it
    return Trees(growth.depth, feature, threshold, growth.rate * value, 0.0)(row)
