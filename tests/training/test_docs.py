"""docs/training.md stays complete: every section of a configuration has its row, with every setting and no other."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from training.config import TrainConfig
from training.config.reading import models_within

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "training.md").read_text("utf-8")


def sections(kind: type[BaseModel], place: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each section by its place, `[]` where it is repeated, with the names of its settings."""
    yield place or "(top)", set(kind.model_fields)
    for name, field in kind.model_fields.items():
        inner = next(models_within(field.annotation), None)
        repeated = "[]" if inner is not None and "tuple" in str(field.annotation) else ""
        if inner is not None:
            yield from sections(inner, f"{place}.{name}{repeated}".strip("."))


def test_every_setting_is_in_its_sections_row_and_no_other_is() -> None:
    table = TEXT.split("## All settings")[1]
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", table, flags=re.MULTILINE))
    told = {place: set(re.findall(r"`(\w+)`", settings)) for place, settings in rows.items()}
    assert told == dict(sections(TrainConfig))


def test_every_configuration_that_is_linked_is_there_and_every_embedders_is_linked() -> None:
    linked = set(re.findall(r"\(\.\./configs/train/([\w-]+)\.yaml\)", TEXT)) | {"smoke"}
    carried = {path.stem for path in (ROOT / "configs" / "train").glob("*.yaml")}
    assert linked <= carried
    assert {stem for stem in carried if not stem.startswith(("comparator", "detector"))} == linked


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/]+\.py)`", TEXT))))
def test_every_test_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
