"""Spelling: how far apart two readings are, when a reader takes some letters for others.

A weighted edit distance (Damerau 1964, optimal string alignment). Libraries weigh every pair of letters alike, and a
reader does not: it takes 0 for O where a forger writes V for U.
"""

import unicodedata
from collections.abc import Iterator

ALIKE_COST = 0.2  # of what a reader often takes for another; anything else costs 1
_ALIKE = (
    *(("0", "o"), ("0", "d"), ("1", "l"), ("1", "i"), ("l", "i"), ("5", "s"), ("8", "b"), ("2", "z"), ("6", "g")),
    *(("9", "g"), ("rn", "m"), ("vv", "w"), ("cl", "d")),
)
ALIKE = frozenset((one, other) for pair in _ALIKE for one, other in (pair, pair[::-1]))


def normalised(text: str) -> str:
    """What two readings are compared by: letters and digits, NFKC, without case, spaces or points."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def distance(a: str, b: str) -> float:
    """Letters' worth of editing between two texts, 0..max(len): symmetric, 0 for equal ones."""
    a, b = normalised(a), normalised(b)
    table: dict[tuple[int, int], float] = {(0, 0): 0.0}
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if i or j:
                table[i, j] = min(table[i - di, j - dj] + cost for di, dj, cost in _edits(a[:i], b[:j]))
    return table[len(a), len(b)]


def share(a: str, b: str) -> float:
    """The distance over the longer text's letters, 0..1."""
    return distance(a, b) / max(len(normalised(a)), len(normalised(b)), 1)


def _edits(a: str, b: str) -> Iterator[tuple[int, int, float]]:
    """How two beginnings may end: letters taken off each, and the cost."""
    if a:
        yield 1, 0, 1.0
    if b:
        yield 0, 1, 1.0
    if a and b:
        yield 1, 1, 0.0 if a[-1] == b[-1] else 1.0
    if len(a) > 1 and len(b) > 1 and a[-2:] == b[:-3:-1]:
        yield 2, 2, 1.0
    for m, n in ((1, 1), (1, 2), (2, 1)):
        if len(a) >= m and len(b) >= n and (a[-m:], b[-n:]) in ALIKE:
            yield m, n, ALIKE_COST
