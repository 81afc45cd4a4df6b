"""What every test may lean on."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines that test are busy machines: a slow example is no fault. Examples are the same in every run.
settings.register_profile("touchstone", deadline=None, derandomize=True)
settings.load_profile("touchstone")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data: $TOUCHSTONE_DATA, or `shared/data` beside the repository; skips where there is none."""
    folder = Path(os.environ.get("TOUCHSTONE_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}; set TOUCHSTONE_DATA")
    return folder
