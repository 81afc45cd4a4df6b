"""Sheet: the worst cases as pictures, genuine listings that score highest and forged ones that score lowest."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.forgery.readings import Reading

CASES = 10
WIDTH_PX, CAPTION_PX = 1000, 26


def worst(readings: Sequence[Reading], label: str) -> list[Reading]:
    """The `CASES` listings of a label whose score is furthest on the wrong side, the worst first."""
    scored = [one for one in readings if one.listing.label == label and one.outcome.score is not None]
    sign = -1 if label == "genuine" else 1
    return sorted(scored, key=lambda one: sign * (one.outcome.score or 0.0))[:CASES]


def draw_sheet(cases: Sequence[Reading], file: Path) -> None:
    """The evidence of each case under its caption, one below the other."""
    panels = [(_caption(one), _picture(one)) for one in cases]
    height = sum(CAPTION_PX + panel.height for _, panel in panels)
    sheet = Image.new("RGB", (WIDTH_PX, max(height, CAPTION_PX)), "white")
    draw, y = ImageDraw.Draw(sheet), 0
    for caption, panel in panels:
        draw.text((8, y + 4), caption, (28, 30, 34), ImageFont.load_default(15))
        sheet.paste(panel, (0, y + CAPTION_PX))
        y += CAPTION_PX + panel.height
    sheet.save(file, quality=88)


def _caption(reading: Reading) -> str:
    slices = " ".join(value for value in reading.listing.slices.values() if value)
    outcome = reading.outcome
    p_value = "none" if outcome.p_value is None else f"{outcome.p_value:.3f}"
    head = f"{reading.listing.path}: {reading.listing.label} {reading.listing.brand} [{slices}]"
    return f"{head}  score {outcome.score:.2f}, p {p_value}, {outcome.decision}"


def _picture(reading: Reading) -> Image.Image:
    """The evidence picture, or the photo alone where nothing was recognised."""
    stored = reading.outcome.picture
    with Image.open(io.BytesIO(stored) if stored else reading.listing.file) as opened:
        picture = opened.convert("RGB")
    width = WIDTH_PX if stored else WIDTH_PX // 4
    return picture.resize((width, max(1, round(picture.height * width / picture.width))))
