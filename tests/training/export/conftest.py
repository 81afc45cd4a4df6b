"""A small network, exported once in every precision."""

from pathlib import Path

import pytest

from training.export.request import Request


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle's folder. Not to be changed."""
    pytest.importorskip("torch", reason="torch is not installed (extra: train)")
    from tests.training.export import networks
    from training.export import sources, writing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "find", lambda request: networks.source())
        asked = Request("tiny", queries=20, least_decisions=0.9)
        return writing.run(asked, tmp_path_factory.mktemp("export") / "bundle")
