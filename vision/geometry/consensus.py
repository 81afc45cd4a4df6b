"""Consensus: which correspondences tell of one and the same view of a mark.

A keypoint has a place, a width and an orientation, so one correspondence is a guess at the whole map, up to
foreshortening. Guesses are tried by how many others they explain: among fifty correspondences six true ones
stand out, which samples of four would hardly ever hit upon. (Lowe, IJCV 2004, section 7.1; Philbin et al.,
"Object retrieval with large vocabularies and fast spatial matching", CVPR 2007.)
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

MAX_GUESSES = 240  # correspondences tried as guesses, evenly spread: bounds the cost
REACH_PX = 4.0  # error allowed beside the guess's own keypoint
REACH_GROWTH = 0.2  # and further per px away from it, since foreshortening tells there
MAX_GROWTH = np.log(1.65)  # between the scales of two that agree
MAX_TURN = 0.45  # between their orientations, radians


def agreement(
    query: NDArray[np.float32],
    target: NDArray[np.float32],
    query_axes: NDArray[np.float32],
    target_axes: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Which of the correspondences `[M, 2]` each of `G` guesses explains `[G, M]`."""
    start, end = _complex(query), _complex(target)
    turns = _turns(query_axes, target_axes)
    guesses = np.unique(np.linspace(0, len(start) - 1, min(MAX_GUESSES, len(start))).astype(np.intp))
    away = end - end[guesses, None]  # [G, M]
    error = np.abs(away - turns[guesses, None] * (start - start[guesses, None]))
    apart = np.log(turns) - np.log(turns[guesses])[:, None]  # growth and turn between them
    turned = np.abs(apart.imag)
    near = error < REACH_PX + REACH_GROWTH * np.abs(away)
    same_turn = np.minimum(turned, 2 * np.pi - turned) < MAX_TURN
    return np.asarray(near & (np.abs(apart.real) < MAX_GROWTH) & same_turn, np.bool_)


def groups(agree: NDArray[np.bool_], least: int, most: int) -> Iterator[NDArray[np.intp]]:
    """Indices of the correspondences that agree with a guess, the `most` best supported of `[G, M]` first.

    Guesses that fewer than `least` agree with are left out.
    """
    support = agree.sum(axis=1)
    for guess in np.argsort(-support, kind="stable")[:most]:
        if support[guess] < least:
            return
        yield np.flatnonzero(agree[guess])


def _turns(query_axes: NDArray[np.float32], target_axes: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Scaling and turn of each correspondence `[M]`, as the complex number that multiplies query into target."""
    start, end = _complex(query_axes), _complex(target_axes)
    tiny = np.complex64(1e-3)
    return np.asarray(np.where(end == 0, tiny, end) / np.where(start == 0, tiny, start), np.complex64)


def _complex(points: NDArray[np.float32]) -> NDArray[np.complex64]:
    return np.asarray(points[:, 0] + 1j * points[:, 1], np.complex64)
