"""Tokens: captions as a text tower reads them."""

from collections.abc import Callable, Sequence

import numpy as np
import open_clip
from numpy.typing import NDArray

from training.config import ModelConfig
from training.data.captions import vocabulary

Tokeniser = Callable[[Sequence[str]], NDArray[np.int64]]  # captions -> [B, T]


def tokeniser(model: ModelConfig) -> Tokeniser:
    """Our own closed vocabulary, or the tokenizer of the open_clip architecture."""
    if model.open_clip is None:
        return vocabulary(model.context_tokens).encode
    reader = open_clip.get_tokenizer(model.open_clip)
    return lambda captions: np.asarray(reader(list(captions)).numpy(), np.int64)
