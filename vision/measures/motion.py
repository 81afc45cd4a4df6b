"""Motion: what the homography leaves of a registered mark's motion, as far as it says something of the design."""

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_MOTION_PX = 8.0  # of the frame; the flow's larger findings are errors


def left_over(
    flow: NDArray[np.float32], photo: NDArray[np.float32], reference: NDArray[np.float32], ink: NDArray[np.float32]
) -> dict[str, float]:
    """Measures of the flow `[S, S, 2]` px from reference to photo, both local contrast.

    Its size on the ink `[S, S]` where the reference has texture, and how it differs from place to place.
    """
    texture = cv2.GaussianBlur(np.abs(reference), (0, 0), 2.0) > 0.35
    use = texture & (cv2.dilate(ink, np.ones((7, 7), np.uint8)) > 0.5)
    if use.sum() < 50:
        return {"warp": 0.0, "warp_mean": 0.0, "warp_spread": 0.0}
    motion = _explaining(flow, photo, reference)
    length = np.linalg.norm(motion, axis=2)[use]
    half = len(motion) // 2
    quarters = [(slice(0, half), slice(0, half)), (slice(0, half), slice(half, None))]
    quarters += [(slice(half, None), slice(0, half)), (slice(half, None), slice(half, None))]
    means = [motion[q][use[q]].mean(axis=0) for q in quarters if use[q].sum() > 20]
    spread = float(np.linalg.norm(np.ptp(means, axis=0))) if len(means) > 1 else 0.0
    return {"warp": float(np.percentile(length, 90)), "warp_mean": float(length.mean()), "warp_spread": spread}


def _explaining(
    flow: NDArray[np.float32], photo: NDArray[np.float32], reference: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Motion left over `[S, S, 2]`, px, as far as it does explain a difference from the reference."""
    size_px = len(flow)
    y, x = np.mgrid[:size_px, :size_px].astype(np.float32)
    back = cv2.remap(photo, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    before, after = np.abs(photo - reference), np.abs(back - reference)
    gain = np.clip((cv2.blur(before, (9, 9)) - cv2.blur(after, (9, 9))) / (cv2.blur(before, (9, 9)) + 0.15), 0, 1)
    length = np.maximum(np.linalg.norm(flow, axis=2), 1e-6)
    return np.asarray(flow * (gain * np.minimum(length, MAX_MOTION_PX) / length)[..., None], np.float32)
