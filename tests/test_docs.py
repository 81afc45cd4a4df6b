"""The documents name what there is: links, commands of this source tree, and each decision by a number of its own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
OURS = ("benchmarks", "training", "serve", "cli", "index", "vision")
MODULE = re.compile(rf"python -m ((?:{'|'.join(OURS)})[\w.]*\w)")


def named_modules(text: str) -> Iterator[str]:
    """Modules of ours that a text says to run."""
    yield from MODULE.findall(text)


def is_there(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_commands_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text) if not (page.parent / link).exists()]
    assert links == []
    assert [module for module in named_modules(text) if not is_there(module)] == []


def test_commands_in_docstrings_are_there() -> None:
    sources = [path for package in OURS for path in (ROOT / package).rglob("*.py")]
    missing = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources
        for module in named_modules(path.read_text("utf-8"))
        if not is_there(module)
    ]
    assert missing == []


def test_each_decision_has_a_number_of_its_own_and_says_it() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    said = [re.match(r"# (\d+)\. ", path.read_text("utf-8")) for path in DECISIONS]
    assert [int(match[1]) for match in said if match] == numbers
