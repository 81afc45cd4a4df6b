"""Local features of a photo: scale-invariant keypoints and their descriptors."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

DESCRIPTOR_SIZE = 128


@dataclass(frozen=True, eq=False)
class LocalFeatures:
    """`F` keypoints of one image, strongest first."""

    points: NDArray[np.float32]  # [F, 2] x y, px of the image they were found in
    axes: NDArray[np.float32]  # [F, 2] px, along a keypoint's orientation and as long as it is wide
    descriptors: NDArray[np.uint8]  # [F, 128] SIFT histograms

    def __len__(self) -> int:
        return len(self.points)

    @cached_property
    def rooted(self) -> NDArray[np.float32]:
        """`root` of the descriptors `[F, 128]`; kept, since a template's meet every photo: 0.5 kB a feature."""
        return root(self.descriptors)

    def take(self, index: NDArray[np.intp]) -> "LocalFeatures":
        """The features at `index`."""
        return LocalFeatures(self.points[index], self.axes[index], self.descriptors[index])

    def mirrored(self) -> "LocalFeatures":
        """The features a mirror image would have, at these points.

        In a keypoint's own frame a mirror reverses the axis across its orientation: rows of the 4 x 4
        cells run backwards and each of the 8 directions turns to its opposite sense of rotation.
        """
        cells = self.descriptors.reshape(-1, 4, 4, 8)[:, ::-1]
        turned = cells[..., (-np.arange(8)) % 8]
        return LocalFeatures(self.points, self.axes, np.ascontiguousarray(turned.reshape(-1, DESCRIPTOR_SIZE)))

    def moved(self, homography: NDArray[np.float64]) -> "LocalFeatures":
        """The same features in the frame that `homography` maps to."""
        points = project(homography, self.points)
        return LocalFeatures(points, project(homography, self.points + self.axes) - points, self.descriptors)


def project(homography: NDArray[np.float64], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map points `[P, 2]` by a homography `[3, 3]` -> `[P, 2]`."""
    if len(points) == 0:
        return points.copy()
    mapped = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), homography)
    return mapped.reshape(-1, 2).astype(np.float32)


def luminance(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luma `[H, W]` of an RGB image `[H, W, 3]`."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def extract(pixels: NDArray[np.uint8], max_features: int = 1000) -> LocalFeatures:
    """Find up to `max_features` SIFT features of an RGB image `[H, W, 3]`.

    The contrast threshold is half the customary one, since listing photos are soft and marks often
    tone on tone. (Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 2004.)
    """
    detector = cv2.SIFT.create(nfeatures=max_features, contrastThreshold=0.02, edgeThreshold=12)
    keypoints, descriptors = detector.detectAndCompute(luminance(pixels), None)
    if descriptors is None or not keypoints:
        nowhere = np.zeros((0, 2), np.float32)
        return LocalFeatures(nowhere, nowhere, np.zeros((0, DESCRIPTOR_SIZE), np.uint8))
    order = np.argsort([-k.response for k in keypoints], kind="stable")[:max_features]
    x, y, wide, turn = np.array([(*k.pt, k.size, np.radians(k.angle)) for k in keypoints], np.float32)[order].T
    axes = np.stack([wide * np.cos(turn), wide * np.sin(turn)], axis=1)
    return LocalFeatures(np.stack([x, y], axis=1), axes, descriptors[order].astype(np.uint8))


def root(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RootSIFT `[F, 128]`: Hellinger distance as Euclidean. (Arandjelovic, Zisserman, CVPR 2012.)"""
    values = descriptors.astype(np.float32)
    return np.asarray(np.sqrt(values / np.maximum(values.sum(axis=1, keepdims=True), 1.0)), np.float32)
