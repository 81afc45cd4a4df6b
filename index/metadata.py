"""What a brand says of a reference photo: product line, SKU, view, kind, and where in it the mark is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

Box = tuple[float, float, float, float]  # x0 y0 x1 y1, fractions 0..1 of the photo, upright

MAX_TEXT = 200  # characters of a product line, SKU or view


class Kind(StrEnum):
    """What a photo shows."""

    EMBLEM = "emblem"
    LABEL = "label"
    PRODUCT = "product"
    PACKAGING = "packaging"


@dataclass(frozen=True)
class Metadata:
    """All of it optional."""

    product_line: str | None = None
    sku: str | None = None
    view: str | None = None  # front, sole, inside of the collar, ...: the brand's own words
    kind: Kind | None = None
    region: Box | None = None  # where the mark is

    def over(self, default: "Metadata") -> "Metadata":
        """The same, and what `default` says where it says nothing."""
        return Metadata(**{name: getattr(self, name) or getattr(default, name) for name in FIELDS})


NOTHING = Metadata()  # is said
FIELDS = tuple(each.name for each in fields(Metadata))


def read(said: Mapping[str, object]) -> tuple[Metadata, list[str]]:
    """Metadata out of words, as a form, a table or a JSON object has them, and all that is wrong with them.

    What is empty is not said. A faulty value is left out of the metadata.
    """
    found: dict[str, Any] = {}
    faults = [f"{name!r} is no field; use {', '.join(FIELDS)}" for name in said if name not in FIELDS]
    for name in FIELDS:
        try:
            found[name] = _READERS[name](said.get(name))
        except ValueError as fault:
            faults.append(f"{name} {fault}")
    return Metadata(**found), faults


def told(metadata: Metadata) -> dict[str, Any]:
    """As JSON has it, every field named."""
    region = None if metadata.region is None else list(metadata.region)
    return {name: getattr(metadata, name) for name in FIELDS} | {"region": region}


def _text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    if len(text) > MAX_TEXT:
        raise ValueError(f"has {len(text)} characters, the limit is {MAX_TEXT}; shorten it")
    if not text.isprintable():
        raise ValueError(f"{text[:40]!r} holds control characters; leave them out")
    return text or None


def _kind(value: object) -> Kind | None:
    word = (_text(value) or "").lower()
    if word and word not in set(Kind):
        raise ValueError(f"is {word[:40]!r}; use {', '.join(Kind)}, or leave it empty")
    return Kind(word) if word else None


def _region(value: object) -> Box | None:
    """A list of four numbers, or a text of them."""
    if value is None or value == "":
        return None
    parts = [part for part in re.split(r"[\s,;]+", value.strip()) if part] if isinstance(value, str) else value
    if parts == []:
        return None
    try:
        x0, y0, x1, y1 = (float(part) for part in parts)  # type: ignore[attr-defined]  # anything else is refused here
    except (TypeError, ValueError):
        raise ValueError(
            f"is {str(value)[:60]!r}; give four numbers x0 y0 x1 y1, fractions 0..1 of the photo"
        ) from None
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError(f"is {x0:g} {y0:g} {x1:g} {y1:g}; it needs 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1")
    return x0, y0, x1, y1


_READERS = {"product_line": _text, "sku": _text, "view": _text, "kind": _kind, "region": _region}
