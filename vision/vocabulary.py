"""The text tower's words: a small closed vocabulary, one token a word."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN, END = 0, 1, 2
_SPECIAL_COUNT = 3
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Vocabulary:
    """Words in order of their token; a caption ends with `END`, the rest is `PAD`."""

    words: tuple[str, ...]
    context_tokens: int  # T

    @classmethod
    def of(cls, captions: Iterable[str], context_tokens: int) -> Self:
        """The vocabulary that holds every word of the captions, in alphabetical order."""
        return cls(tuple(sorted({word for caption in captions for word in _words(caption)})), context_tokens)

    @property
    def size(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self.words) + _SPECIAL_COUNT

    def encode(self, captions: Sequence[str]) -> NDArray[np.int64]:
        """Tokens `[B, T]`; words beyond the context are cut, strange ones become `UNKNOWN`."""
        tokens = np.full((len(captions), self.context_tokens), PAD, dtype=np.int64)
        index = {word: token for token, word in enumerate(self.words, start=_SPECIAL_COUNT)}
        for row, caption in zip(tokens, captions, strict=True):
            known = [index.get(word, UNKNOWN) for word in _words(caption)][: self.context_tokens - 1]
            row[: len(known) + 1] = [*known, END]
        return tokens

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps({"context_tokens": self.context_tokens, "words": self.words}) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        stored = json.loads(path.read_text("utf-8"))
        return cls(tuple(stored["words"]), int(stored["context_tokens"]))


def _words(caption: str) -> list[str]:
    return _WORD.findall(caption.lower())
