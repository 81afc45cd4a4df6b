"""Evidence: one picture that lays a listing beside its best genuine reference and says where they differ."""

import io

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
WORDS_PX = 78 + MAX_REASONS * LINE_PX
PAPER, INK, QUIET = (255, 255, 255), (28, 30, 34), (104, 110, 120)
COLOURS = {
    Decision.DIVERGENT: (190, 38, 38),
    Decision.CONSISTENT: (26, 122, 72),
    Decision.UNDECIDED: (158, 108, 10),
    Decision.UNRECOGNISED: (90, 96, 106),
}


def picture(photo: Photo, finding: Finding, verdict: Verdict) -> bytes:
    """PNG of the listing with the mark boxed, the mark aligned, the reference and the divergence map."""
    panels = [(_boxed(photo, finding, COLOURS[verdict.decision]), "listing photo")]
    if finding.evidence is not None:
        panels += [
            (_scaled(finding.evidence.listing), "its mark, aligned"),
            (_scaled(finding.evidence.reference), "nearest genuine reference"),
            (heat_over(finding.evidence), "where they differ"),
        ]
    width = GAP_PX + len(panels) * (PANEL_PX + GAP_PX)
    sheet = Image.new("RGB", (width, WORDS_PX + CAPTION_PX + PANEL_PX + GAP_PX), PAPER)
    draw = ImageDraw.Draw(sheet)
    _write_words(draw, verdict, finding)
    for index, (panel, caption) in enumerate(panels):
        x = GAP_PX + index * (PANEL_PX + GAP_PX)
        draw.text((x, WORDS_PX), caption, QUIET, ImageFont.load_default(16))
        sheet.paste(Image.fromarray(panel), (x, WORDS_PX + CAPTION_PX - 8))
    stream = io.BytesIO()
    sheet.save(stream, "PNG", compress_level=1)  # a fifth larger, and drawn for every recognised listing
    return stream.getvalue()


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
        words = f"{reason.code.value}: {reason.detail}"
        draw.text((GAP_PX, 66 + line * LINE_PX), words, QUIET, ImageFont.load_default(13))


def _boxed(photo: Photo, finding: Finding, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The whole photo fitted in a panel, the mark's box drawn."""
    h, w = photo.pixels.shape[:2]
    scale = PANEL_PX / max(h, w)
    small = Image.fromarray(photo.pixels).resize((max(1, round(w * scale)), max(1, round(h * scale))))
    panel = Image.new("RGB", (PANEL_PX, PANEL_PX), (240, 241, 243))
    offset = ((PANEL_PX - small.width) // 2, (PANEL_PX - small.height) // 2)
    panel.paste(small, offset)
    x0, y0, x1, y1 = finding.box
    corners = [offset[0] + x0 * small.width, offset[1] + y0 * small.height]
    corners += [offset[0] + x1 * small.width, offset[1] + y1 * small.height]
    ImageDraw.Draw(panel).rectangle(corners, outline=colour, width=3)
    return np.asarray(panel, np.uint8)


def _scaled(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, (PANEL_PX, PANEL_PX), interpolation=cv2.INTER_CUBIC), np.uint8)
