"""A few of the carried sample brands, enrolled once for all that only ask."""

import shutil
from pathlib import Path

import pytest

from cli.app import main
from cli.demo import samples
from tests.cli.running import Outcome, Touchstone

BRAND_COUNT, REFERENCE_COUNT = 2, 3


@pytest.fixture
def touchstone(capsys: pytest.CaptureFixture[str]) -> Touchstone:
    """Runs `touchstone ARGUMENTS`."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        code = left.value.code
        return Outcome(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def references(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`references/<brand>/*.jpg` of a few sample brands. Not to be changed."""
    root = tmp_path_factory.mktemp("references")
    for folder in sorted((samples() / "references").iterdir())[:BRAND_COUNT]:
        (root / folder.name).mkdir()
        for photo in sorted(folder.iterdir())[:REFERENCE_COUNT]:
            shutil.copy(photo, root / folder.name)
    return root


@pytest.fixture(scope="session")
def enrolled(references: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which `references` are enrolled. Not to be changed."""
    data = tmp_path_factory.mktemp("data")
    with pytest.raises(SystemExit) as left:
        main(["enroll", str(references), "--data", str(data)])
    assert not left.value.code
    return data


@pytest.fixture
def photo(references: Path) -> Path:
    """A genuine photo of the first brand."""
    return sorted(references.rglob("*.jpg"))[0]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A file that is no photo, under a photo's name."""
    path = tmp_path / "listing.jpg"
    path.write_bytes(b"<!doctype html><title>404</title>")
    return path
