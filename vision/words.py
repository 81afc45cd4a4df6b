"""Words: from captions to the tokens of a bundle's text tower, by its own vocabulary or by CLIP's byte pairs."""

import html
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.bundle import Bundle
from vision.errors import BundleInvalid, ConfigurationError
from vision.vocabulary import Vocabulary

START, END = "<start_of_text>", "<end_of_text>"  # as CLIP's byte pairs name them


class Words(Protocol):
    """Turns captions into tokens."""

    def encode(self, captions: Sequence[str]) -> NDArray[np.int64]:
        """Tokens `[B, T]`; what is beyond the context is cut."""
        ...


def words_of(bundle: Bundle) -> Words:
    """The words of a bundle's text tower. Errors: `BundleInvalid` where it has none."""
    vocabulary, pairs = bundle.part("vocabulary"), bundle.part("tokenizer")
    context_tokens = bundle.spec.embedder.context_tokens
    if vocabulary is not None:
        return Vocabulary.load(vocabulary)
    if pairs is None or context_tokens is None:
        raise BundleInvalid(f"the bundle {bundle.path} has no words for its text tower; export it again")
    return BytePairs(pairs, context_tokens)


class BytePairs:
    """CLIP's byte pairs, from a `tokenizer.json`, by the libraries of the extra `text`; no torch.

    The tokens are those of open_clip's `SimpleTokenizer`: between START and END, zeros after.
    Errors: `ConfigurationError` without the extra, `BundleInvalid` for a file that holds none.
    """

    def __init__(self, path: Path, context_tokens: int) -> None:
        for library in ("tokenizers", "ftfy"):
            if find_spec(library) is None:
                raise ConfigurationError(
                    f"the text tower of this bundle needs {library}, which the base install lacks:"
                    " pip install 'touchstone[text]'"
                )
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as fault:  # the library raises bare exceptions
            raise BundleInvalid(f"{path} is no tokenizer ({fault}); export the bundle again") from fault
        self._context_tokens = context_tokens
        start, end = (self._tokenizer.token_to_id(name) for name in (START, END))
        if start is None or end is None:
            raise BundleInvalid(f"{path} lacks {START} or {END}: these are not CLIP's byte pairs; export it again")
        self._start, self._end = start, end

    def encode(self, captions: Sequence[str]) -> NDArray[np.int64]:
        """Tokens `[B, T]`; what is beyond the context is cut."""
        tokens = np.zeros((len(captions), self._context_tokens), np.int64)
        for row, said in zip(tokens, self._tokenizer.encode_batch(list(map(cleaned, captions))), strict=True):
            ids = [self._start, *said.ids[: self._context_tokens - 2], self._end]
            row[: len(ids)] = ids
        return tokens


def cleaned(caption: str) -> str:
    """A caption as CLIP was trained on it: mended, unescaped, of single spaces, in lower case."""
    import ftfy

    return " ".join(html.unescape(html.unescape(ftfy.fix_text(caption))).split()).lower()
