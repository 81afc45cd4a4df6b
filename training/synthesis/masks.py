"""Masks: where in an evaluation set's forged photographs the design was altered.

`python -m training.synthesis.masks SET --artwork DIR` writes `SET/masks/<listing>.png`, of the photograph's size, for
each forged listing of a set that `listings` wrote. The set's plan gives the same alteration and the same camera
again; a set that this version would draw otherwise is refused.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from training.synthesis.artwork import Artwork, load_folder
from training.synthesis.forgery import Forgery, NotApplicable, forge
from training.synthesis.listings import encoded, render
from training.synthesis.plan import Job, Plan, plan_jobs
from training.synthesis.product import mount
from vision.camera import PRESETS, cover
from vision.errors import ConfigurationError, TouchstoneError

FOLDER = "masks"
SEEN = 0.5  # share of a pixel that the altered part takes


def mask_file(folder: Path, listing: str) -> Path:
    """Where the mask of the listing at this path of the table lies."""
    return folder / FOLDER / f"{Path(listing).stem}.png"


def read_plan(folder: Path) -> Plan:
    """The plan a set was drawn by; `ConfigurationError` where it tells none."""
    try:
        content: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        settled: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in content.items()}
        return Plan(**settled)
    except (OSError, ValueError, TypeError) as fault:
        raise ConfigurationError(f"{folder / 'plan.json'} tells no plan ({fault}); draw the set anew") from fault


def mask_of(job: Job) -> NDArray[np.bool_]:
    """Where [H, W] the alteration of a forged listing's job lies in its photograph."""
    forge_rng, mount_rng, camera_rng = np.random.default_rng(job.seed).spawn(3)
    forgery = _forgery(job, forge_rng)
    assert job.artwork is not None
    mounted = mount(forgery.artwork, job.product, mount_rng, job.finish, job.artwork)
    layer = on_canvas(forgery.mask, mounted.box, (mounted.canvas.shape[0], mounted.canvas.shape[1]))
    seen = cover(layer, PRESETS[job.condition], camera_rng, job.long_side_px, mounted.mark)
    return np.asarray(seen > SEEN * min(1.0, float(seen.max())), np.bool_)


def _forgery(job: Job, rng: np.random.Generator) -> Forgery:
    """The first of the job's alterations that its artwork allows, as the listing has it."""
    for kind in job.kinds:
        try:
            assert job.artwork is not None
            return forge(job.artwork, kind, job.severity, rng)
        except NotApplicable:
            continue
    raise ConfigurationError(f"artwork of {job.brand!r} allows no alteration. Remove it from the folder.")


def on_canvas(
    mask: NDArray[np.bool_], box: tuple[float, float, float, float], shape: tuple[int, int]
) -> NDArray[np.uint8]:
    """White RGBA [*shape, 4], opaque where the artwork's mask [S, S] falls when the artwork fills `box` (fractions)."""
    height, width = shape
    scale_x, scale_y = (box[2] - box[0]) * width / mask.shape[1], (box[3] - box[1]) * height / mask.shape[0]
    # px centres: a point (x + 0.5) of the artwork goes to scale * (x + 0.5) + shift
    shift = box[0] * width + 0.5 * scale_x - 0.5, box[1] * height + 0.5 * scale_y - 0.5
    place = np.array([[scale_x, 0.0, shift[0]], [0.0, scale_y, shift[1]]])
    layer = np.full((height, width, 4), 255, np.uint8)
    layer[..., 3] = cv2.warpAffine(mask.astype(np.uint8) * 255, place, (width, height), flags=cv2.INTER_LINEAR)
    return layer


def write_masks(folder: Path, artworks: Sequence[Artwork]) -> Iterator[Path]:
    """Writes the masks of the set in `folder`, yielding each; `ConfigurationError` if drawn otherwise."""
    jobs = [job for job in plan_jobs(read_plan(folder), artworks) if job.label == "counterfeit"]
    for job in jobs[:1]:
        _require_same(folder, job)
    (folder / FOLDER).mkdir(exist_ok=True)
    for job in jobs:
        file = mask_file(folder, job.path)
        _, data = cv2.imencode(".png", mask_of(job).astype(np.uint8) * 255)
        file.write_bytes(data.tobytes())
        yield file


def _require_same(folder: Path, job: Job) -> None:
    """One photograph taken again tells whether all would be the same."""
    file = folder / job.path
    if not file.is_file() or file.read_bytes() != encoded(render(job)[0]):
        raise ConfigurationError(
            f"{file} is not what this version draws by {folder / 'plan.json'} and this artwork, so masks would not lie "
            "on its photographs; give the artwork it was drawn from, or draw the set anew"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the masks of a set; answers the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.synthesis.masks", description="Write where forged listings of a set were altered."
    )
    parser.add_argument("set", type=Path, help="folder that `python -m training.synthesis.listings` wrote")
    parser.add_argument("--artwork", type=Path, required=True, help="the folder of artwork it was drawn from")
    asked = parser.parse_args(arguments)
    console = Console(stderr=True, markup=False, highlight=False)
    try:
        written = sum(1 for _ in track(write_masks(asked.set, load_folder(asked.artwork)), "masks", console=console))
    except TouchstoneError as fault:
        console.print(f"{fault.code}: {fault}")
        return fault.exit_code
    console.print(f"{written} masks in {asked.set / FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
