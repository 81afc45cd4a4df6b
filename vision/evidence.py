"""Evidence: one picture that lays a listing beside its best genuine reference and says where they differ."""

import io
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vision.photo import Photo
from vision.verdict import Decision, Evidence, Finding, Verdict

PANEL_PX = 320
GAP_PX = 16
CAPTION_PX = 34
LINE_PX = 18
MAX_REASONS = 4
NUMBER_PX = 17
WORDS_PX = 78 + MAX_REASONS * LINE_PX
CAPTIONS = ("listing photo", "its mark, aligned", "nearest genuine reference", "where they differ")
PAPER, INK, QUIET = (255, 255, 255), (28, 30, 34), (104, 110, 120)
Box = tuple[float, float, float, float]  # x0 y0 x1 y1
COLOURS = {
    Decision.DIVERGENT: (190, 38, 38),
    Decision.CONSISTENT: (26, 122, 72),
    Decision.UNDECIDED: (158, 108, 10),
    Decision.UNRECOGNISED: (90, 96, 106),
}


def picture(photo: Photo, finding: Finding, verdict: Verdict) -> bytes:
    """PNG of the listing with the mark boxed, the mark aligned, the reference and the divergence map."""
    panels = [_boxed(photo, finding, verdict)]
    if finding.evidence is not None:
        panels += [_scaled(finding.evidence.listing), _scaled(finding.evidence.reference), heat_over(finding.evidence)]
    width = GAP_PX + len(panels) * (PANEL_PX + GAP_PX)
    sheet = Image.new("RGB", (width, WORDS_PX + CAPTION_PX + PANEL_PX + GAP_PX), PAPER)
    draw = ImageDraw.Draw(sheet)
    _write_words(draw, verdict, finding)
    for index, panel in enumerate(panels):
        x, y = _corner(index)
        draw.text((x, WORDS_PX), CAPTIONS[index], QUIET, ImageFont.load_default(16))
        sheet.paste(Image.fromarray(panel), (x, y))
    stream = io.BytesIO()
    sheet.save(stream, "PNG", compress_level=1)  # a fifth larger, and drawn for every recognised listing
    return stream.getvalue()


def panels_of(picture: bytes) -> list[tuple[str, Image.Image]]:
    """The panels of such a PNG with their captions, so that what is on record can be laid out anew."""
    sheet = Image.open(io.BytesIO(picture))
    corners = [_corner(index) for index in range(len(CAPTIONS))]
    return [
        (caption, sheet.crop((x, y, x + PANEL_PX, y + PANEL_PX)))
        for caption, (x, y) in zip(CAPTIONS, corners, strict=True)
        if x + PANEL_PX <= sheet.width
    ]


def _corner(index: int) -> tuple[int, int]:
    return GAP_PX + index * (PANEL_PX + GAP_PX), WORDS_PX + CAPTION_PX - 8


def heat_over(evidence: Evidence) -> NDArray[np.uint8]:
    """The divergence map over the greyed listing `[PANEL, PANEL, 3]`: pale yellow to red."""
    grey = cv2.cvtColor(cv2.cvtColor(_scaled(evidence.listing), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    heat = np.clip(cv2.resize(evidence.heat, (PANEL_PX, PANEL_PX)), 0, 1)[..., None]
    tone = np.concatenate([np.full_like(heat, 225), 205 * (1 - heat), 60 * (1 - heat)], axis=2)
    cover = np.clip(heat * 1.6, 0, 0.85)
    return np.asarray(np.clip(grey * (0.75 + 0.25 * (1 - cover)) * (1 - cover) + tone * cover, 0, 255), np.uint8)


def in_words(verdict: Verdict) -> str:
    """The decision and its error rate in one sentence for a person."""
    rate = verdict.rate
    if verdict.decision is Decision.UNRECOGNISED:
        return "No enrolled mark was recognised in this photo."
    if rate.p_value is None:
        return "The mark was found, but no genuine scores are there to judge it by."
    chance = f"{rate.p_value:.3f}".rstrip("0")
    basis = f"of {rate.n} genuine units ({rate.source}), a share of {chance} look at least this unlike the references"
    if verdict.decision is Decision.DIVERGENT:
        limit = f"at most {rate.alpha:.0%} of genuine listings are to be flagged"
        if rate.bound is None:
            limit = "no rate of false flags is stated with it"
        return f"Diverges from the genuine references: {basis}; {limit}."
    if verdict.decision is Decision.CONSISTENT:
        return f"Consistent with the genuine references: {basis}."
    return f"Undecided: {basis}, which does not carry a decision at {rate.alpha:.0%}."


def _write_words(draw: ImageDraw.ImageDraw, verdict: Verdict, finding: Finding) -> None:
    title = f"{finding.brand}: {verdict.decision.value}"
    draw.text((GAP_PX, 12), title, COLOURS[verdict.decision], ImageFont.load_default(24))
    draw.text((GAP_PX, 44), in_words(verdict), INK, ImageFont.load_default(14))
    for line, reason in enumerate(verdict.reasons[:MAX_REASONS]):
        words = f"{line + 1}. {reason.code.value}: {reason.detail}"
        draw.text((GAP_PX, 66 + line * LINE_PX), words, QUIET, ImageFont.load_default(13))


def _boxed(photo: Photo, finding: Finding, verdict: Verdict) -> NDArray[np.uint8]:
    """The whole photo fitted in a panel, the mark's box drawn, and the reasons' boxes numbered as they are listed."""
    h, w = photo.pixels.shape[:2]
    scale = PANEL_PX / max(h, w)
    small = Image.fromarray(photo.pixels).resize((max(1, round(w * scale)), max(1, round(h * scale))))
    panel = Image.new("RGB", (PANEL_PX, PANEL_PX), (240, 241, 243))
    offset = ((PANEL_PX - small.width) // 2, (PANEL_PX - small.height) // 2)
    panel.paste(small, offset)
    draw = ImageDraw.Draw(panel)
    draw.rectangle(_placed(finding.box, offset, small.size), outline=COLOURS[verdict.decision], width=3)
    boxes = [(number, _placed(box, offset, small.size)) for number, box in _reasons_in(finding, verdict)]
    _draw_numbered(draw, boxes)
    return np.asarray(panel, np.uint8)


def _placed(box: Box, offset: tuple[int, int], size: tuple[int, int]) -> Box:
    """A box of fractions in the px of a panel whose photo has `size` and begins at `offset`."""
    (left, top), (width, height) = offset, size
    return left + box[0] * width, top + box[1] * height, left + box[2] * width, top + box[3] * height


def _reasons_in(finding: Finding, verdict: Verdict) -> list[tuple[int, Box]]:
    """Number and box of the reasons seen in the finding's photo."""
    here = next((i for i, found in enumerate(verdict.photos) if any(f is finding for f in found.regions)), None)
    return [(n, r.box) for n, r in enumerate(verdict.reasons, 1) if r.box is not None and r.photo == here]


def _draw_numbered(draw: ImageDraw.ImageDraw, boxes: Sequence[tuple[int, Box]]) -> None:
    """Boxes that show on dark and light, then their numbers, none upon another."""
    taken: list[tuple[float, float]] = []
    for _, box in boxes:
        draw.rectangle(box, outline=PAPER, width=3)
        if box[2] - box[0] > 2 and box[3] - box[1] > 2:
            draw.rectangle((box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1), outline=INK, width=1)
    for number, box in boxes:
        x, y = min(box[0], PANEL_PX - NUMBER_PX), min(max(box[1] - NUMBER_PX / 2, 0.0), PANEL_PX - NUMBER_PX)
        while any(abs(x - u) < NUMBER_PX and abs(y - v) < NUMBER_PX for u, v in taken):
            x += NUMBER_PX
        taken.append((x, y))
        draw.rectangle((x, y, x + NUMBER_PX, y + NUMBER_PX), fill=INK, outline=PAPER)
        draw.text((x + 5, y), str(number), PAPER, ImageFont.load_default(13))


def _scaled(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, (PANEL_PX, PANEL_PX), interpolation=cv2.INTER_CUBIC), np.uint8)
