"""The README promises nothing that the documents and tests behind it do not know."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def codes_of(text: str) -> set[str]:
    """Codes in the first cells of a text's tables."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {code for cell in cells for code in re.findall(r"`([a-z_]+)`", cell)}


def test_every_refusal_named_is_one_that_the_service_tests_provoke() -> None:
    table = codes_of(README.partition("### What is refused")[2].partition("\n## ")[0])
    documented = codes_of((ROOT / "docs" / "api.md").read_text(encoding="utf-8").partition("## Errors\n")[2])
    assert table
    assert table <= documented


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([a-z][^)#]*)\)", README))))
def test_every_link_leads_somewhere(path: str) -> None:
    assert (ROOT / path).exists(), path


def test_every_sample_named_is_carried() -> None:
    for path in re.findall(r"cli/samples/[\w./ &'+-]+?\.jpg", README):
        assert (ROOT / path).exists(), path
