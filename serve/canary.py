"""A photo made in memory and sent the way of every photo: only what comes through decode and embedding is ready."""

import asyncio
import io
import logging
import math
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serve.workers import Workers
from vision.embedder import Embedder
from vision.errors import NotReady
from vision.photo import PhotoLimits, decode

log = logging.getLogger("touchstone.serve")


def draw(side_px: int = 160) -> bytes:
    """A JPEG of a disc on a gradient, the same each time."""
    y, x = np.mgrid[0:side_px, 0:side_px] / side_px
    inside = np.hypot(x - 0.5, y - 0.5) < 0.3
    pixels = np.stack([x, y, np.where(inside, 1.0, 0.2)], axis=-1)  # [H, W, 3]
    image, out = Image.fromarray(np.uint8(pixels * 255)), io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


class Canary:
    """Remembers when a photo last came through, the canary's or a caller's."""

    def __init__(self, embedder: Embedder, limits: PhotoLimits) -> None:
        self.embedder, self.limits = embedder, limits
        self.photo = draw(max(160, limits.min_side_px))
        self.heard_at_s = -math.inf
        self.flight: asyncio.Future[None] | None = None

    @property
    def age_s(self) -> float:
        """Seconds since a photo came through."""
        return time.monotonic() - self.heard_at_s

    def heard(self) -> None:
        """A photo just came through."""
        self.heard_at_s = time.monotonic()

    def sing(self) -> None:
        """Go the way of a photo; logs and raises when it leads nowhere."""
        try:
            self.check(self.embedder.embed([decode(self.photo, self.limits).pixels]))
        except Exception:
            log.exception("the canary photo did not get through decode and embedding")
            raise
        self.heard()

    def check(self, vectors: NDArray[np.float32]) -> None:
        """Refuse what is not one unit vector `[1, D]`."""
        if vectors.shape != (1, self.embedder.dim) or not abs(float(np.linalg.norm(vectors[0])) - 1.0) < 1e-2:
            raise ValueError(f"the canary's vector, of shape {vectors.shape}, is no unit vector")

    async def prove(self, workers: Workers, max_age_s: float, timeout_s: float) -> None:
        """A photo came through no longer than `max_age_s` ago, or comes through now; else `NotReady`."""
        if self.age_s <= max_age_s:
            return
        if self.flight is None or self.flight.done():
            self.flight = asyncio.ensure_future(workers.run(self.sing))
            self.flight.add_done_callback(lambda flight: flight.cancelled() or flight.exception())
        await asyncio.wait({self.flight}, timeout=timeout_s)
        if self.flight.done() and self.flight.exception() is not None:
            raise NotReady("a photo does not get through decode and embedding; the log says why. Restart the service.")
        if not self.flight.done() and self.age_s > max_age_s:
            raise NotReady(
                f"no photo got through decode and embedding within {timeout_s:g} s. "
                "Restart the service if no inspection ends; raise canary_timeout_s if inspections are only slow."
            )
