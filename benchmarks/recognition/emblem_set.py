"""Emblem set: photographs of artwork that nothing was trained on, drawn once into a folder and reused.

The goods, poses and alterations are those of the forgery benchmark; brands, references and conditions are counted out,
so that each brand is asked for alike. `marks.csv` says where each photograph's mark is.
"""

import csv
import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from benchmarks.recognition.crop import Crop, Role
from training.synthesis.artwork import Artwork
from training.synthesis.drawing import draw
from training.synthesis.listings import encoded
from training.synthesis.plan import Job, Plan, plan_jobs
from vision.errors import ConfigurationError, OutputExists

TABLE, PLAN = "marks.csv", "plan.json"
CONDITIONS = ("mild", "hard")
COLUMNS = ("path", "brand", "role", "condition", "product", "alteration", "severity", "x0", "y0", "x1", "y1")
_ROLES: dict[str, Role] = {"reference": "reference", "genuine": "genuine", "counterfeit": "forged"}


@dataclass(frozen=True)
class EmblemPlan:
    """How large a set is."""

    brands: int = 150
    strangers: int = 40  # brands of which no reference is enrolled
    references: int = 4  # a brand, by studio light
    genuine: int = 2  # photographs a brand, stranger and condition, and as many forged ones a brand
    seed: int = 0

    @property
    def photographs(self) -> int:
        """How many the set holds."""
        return self.brands * (self.references + 4 * self.genuine) + self.strangers * 2 * self.genuine


def write(plan: EmblemPlan, artworks: Sequence[Artwork], folder: Path) -> Iterator[str]:
    """Writes the set into the new folder `folder`, yielding each photograph's path; its table comes last."""
    if folder.exists() and any(folder.iterdir()):
        raise OutputExists(f"{folder} holds something and no finished set; empty it or name another folder")
    rows = []
    for role, job in _jobs(plan, artworks):
        rows.append(_take(role, job, folder))
        yield job.path
    (folder / PLAN).write_text(json.dumps(dataclasses.asdict(plan), indent=2) + "\n", encoding="utf-8")
    with (folder / TABLE).open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerows((COLUMNS, *rows))


def _jobs(plan: EmblemPlan, artworks: Sequence[Artwork]) -> Iterator[tuple[Role, Job]]:
    """Every photograph, the references first."""
    for turn, condition in enumerate(CONDITIONS):
        jobs = plan_jobs(_plan(plan, condition), artworks)
        names = list(dict.fromkeys(job.brand for job in jobs if job.label == "reference"))
        strangers = set(names[plan.brands :])
        for number, job in enumerate(jobs):
            role = _role(job, strangers)
            if role is not None and not (turn and role == "reference"):
                path = job.path if role == "reference" else f"{condition}/{Path(job.path).name}"
                yield role, dataclasses.replace(job, path=path, seed=(plan.seed + turn, number))


def _plan(plan: EmblemPlan, condition: str) -> Plan:
    return Plan(
        brands=plan.brands + plan.strangers,
        references=plan.references,
        listings=2 * plan.genuine,
        unrelated=0,
        listing_conditions=(condition,),
        seed=plan.seed,
    )


def _role(job: Job, strangers: set[str]) -> Role | None:
    """What a photograph is for; None where it is for nothing."""
    if job.brand not in strangers:
        return _ROLES[job.label]
    return "stranger" if job.label == "genuine" else None


def _take(role: Role, job: Job, folder: Path) -> tuple[object, ...]:
    drawn, file = draw(job), folder / job.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encoded(drawn.photo))
    severity = job.severity if drawn.alteration else ""
    return (job.path, job.brand, role, job.condition, job.product, drawn.alteration, severity, *drawn.box)


def load(folder: Path) -> list[Crop]:
    """The marks of a set. Errors: `ConfigurationError` where its table is absent or does not tell them."""
    try:
        with (folder / TABLE).open(newline="", encoding="utf-8") as lines:
            return [_crop(folder, row) for row in csv.DictReader(lines)]
    except (OSError, KeyError, ValueError) as fault:
        raise ConfigurationError(f"{folder / TABLE} tells no marks ({fault!r}); remove it to draw anew") from fault


def _crop(folder: Path, row: dict[str, str]) -> Crop:
    x0, y0, x1, y1 = (float(row[edge]) for edge in ("x0", "y0", "x1", "y1"))
    if row["role"] not in get_args(Role):
        raise ValueError(f"role {row['role']!r} is none of {', '.join(get_args(Role))}")
    return Crop(folder / row["path"], (x0, y0, x1, y1), row["brand"], cast(Role, row["role"]), row["condition"])
