"""`touchstone demo`: the main job on the samples that the package carries."""

import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import console
from cli.options import DEFAULT_ALPHA, Alpha, BundleDir, Force, PrecisionName
from vision.errors import OutputExists

if TYPE_CHECKING:
    from cli.pages.exhibit import Exhibit, Tally
    from vision.inspection import Inspector

NEXT = """
Go on with your own photos:
  touchstone enroll references                 # references/<brand>/*.jpg
  touchstone inspect listing.jpg
or serve them to a listing pipeline; the first start prints an admin key:
  touchstone serve
  curl -X PUT -H "Authorization: Bearer $KEY" http://127.0.0.1:8080/v1/brands/acme
  curl -H "Authorization: Bearer $KEY" -F files=@front.jpg http://127.0.0.1:8080/v1/brands/acme/references
  curl -H "Authorization: Bearer $KEY" -F photos=@listing.jpg http://127.0.0.1:8080/v1/inspections"""


def samples() -> Path:
    """The carried samples: `references/<brand>/*.jpg`, `listings/*.jpg` and `listings.csv`."""
    return Path(str(files("cli"))) / "samples"


def run(
    out: Annotated[Path, typer.Option("--out", help="Folder for the report.", metavar="DIR")] = Path("report"),
    alpha: Alpha = DEFAULT_ALPHA,
    bundle: BundleDir = None,
    precision: PrecisionName = None,
    force: Force = False,
) -> None:
    """Inspect the carried sample listings; write a report.

    The sample brands are enrolled into a temporary folder. A table is printed; the report shows each listing beside
    its aligned reference and a map of where they differ.
    """
    from cli import composition, pages
    from cli.pages.exhibit import Tally
    from index.folder import brand_folders
    from vision.policy import Policy

    _claim(out, force)
    folders = brand_folders(samples() / "references")
    with tempfile.TemporaryDirectory(prefix="touchstone-") as data, composition.opened(Path(data)) as store:
        composition.enrol(store, folders)
        inspector = composition.open_inspector(
            store, Path(data), composition.open_bundle(bundle, precision), Policy(alpha=alpha)
        )
        exhibits = list(_inspect(samples() / "listings.csv", inspector))
    page = pages.demo(exhibits, folders, alpha, out)
    _write_table(exhibits)
    _write_tally(Tally.of(exhibits), alpha)
    console.say(f"\nThe report, with a picture of each: {page}\n{NEXT}")


def _claim(out: Path, force: bool) -> None:
    """Refuse to write over anything that is there, unless forced; then only the page itself is replaced."""
    if out.exists() and any(out.iterdir()) and not force:
        raise OutputExists(
            f"{out} already holds something; give another folder with --out, or --force to write over it"
        )


def _inspect(table: Path, inspector: "Inspector") -> "Iterator[Exhibit]":
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    with console.progress("inspecting") as advance:
        for done, row in enumerate(rows, 1):
            yield _exhibit(row, table.parent / row["path"], inspector)
            advance(done, len(rows))


def _exhibit(row: dict[str, str], path: Path, inspector: "Inspector") -> "Exhibit":
    from cli.pages.exhibit import Exhibit
    from vision.photo import decode

    photo = decode(path.read_bytes())
    start = time.perf_counter()
    verdict = inspector.inspect([photo])
    return Exhibit(
        path=path,
        label=row["label"],
        brand=row["brand"],
        alteration=row["alteration"],
        severity=row["severity"],
        photo=photo,
        verdict=verdict,
        seconds=time.perf_counter() - start,
    )


def _write_table(exhibits: "Sequence[Exhibit]") -> None:
    order = {"counterfeit": 0, "genuine": 1, "unrelated": 2}
    rows = [
        (
            exhibit.path.name,
            exhibit.truth,
            exhibit.verdict.brand or "-",
            console.decision_text(exhibit.verdict.decision.value),
            console.number(exhibit.verdict.score, ".2f"),
            console.number(exhibit.verdict.rate.p_value, ".4f"),
        )
        for exhibit in sorted(exhibits, key=lambda e: (order[e.label], e.brand, e.path.name))
    ]
    console.write_table(("photo", "what it shows", "brand named", "decision", "score#", "p#"), rows)


def _write_tally(tally: "Tally", alpha: float) -> None:
    console.say(
        f"\nOf {tally.altered} altered designs {tally.altered_flagged} are flagged as diverging from the references; "
        f"of {tally.genuine} genuine ones {tally.genuine_flagged} (the setting allows {alpha:.0%}). "
        f"{tally.undecided} are left undecided. "
        f"Of {tally.unrelated} unrelated photos {tally.unrelated_recognised} are taken for an enrolled brand."
    )
