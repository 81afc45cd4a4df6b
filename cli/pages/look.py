"""The look that the pages share: how a template becomes a page, and pixels a picture inside it."""

import base64
import io
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from numpy.typing import NDArray
from PIL import Image

from vision.version import version

_JPEG_QUALITY = 82


def write(template: str, out: Path, **content: Any) -> Path:
    """Fill a template and write it as `out/index.html` -> that file."""
    out.mkdir(parents=True, exist_ok=True)
    page = out / "index.html"
    content |= {"version": version(), "written": date.today().isoformat()}
    page.write_text(_environment().get_template(template).render(content), encoding="utf-8")
    return page


def picture(pixels: NDArray[np.uint8]) -> str:
    """RGB pixels `[H, W, 3]` as a data URI, so that a page stays one file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=_JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _environment() -> Environment:
    loader = PackageLoader("cli", "pages")
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["figure"] = figure
    return environment


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage, or a dash where there is none."""
    return "–" if share is None else f"{share:.{digits}%}"


def figure(value: float | None, digits: int = 3) -> str:
    """A number of so many digits, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"
