"""The warden loses no count and goes on watching, whatever the store answers."""

from pathlib import Path
from typing import NoReturn

import pytest

from index.match_budget import MatchBudget
from index.store import Store
from serve.metrics import Metrics
from serve.warden import Warden
from vision.errors import StoreUnavailable


@pytest.mark.parametrize("fault", [StoreUnavailable("gone for a while"), RuntimeError("nobody thought of this")])
def test_a_store_that_fails_is_tried_again_with_the_same_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    store = Store.open(tmp_path)
    warden = Warden(store, MatchBudget(), 3600.0, Metrics(), lambda version: None)
    warden.inspections = 3

    def fail(*arguments: object) -> NoReturn:
        raise fault

    with monkeypatch.context() as failing:
        failing.setattr(store.match_counts, "add", fail)
        warden.look()
    assert warden.inspections == 3
    with monkeypatch.context() as failing:
        failing.setattr(store.match_counts, "most_matched", fail)
        warden.look()
    assert warden.inspections == 0
    store.close()
