"""Lexicon: the words of a text tower, written so that serving reads them without torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import open_clip
import torch
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers
from torch import Tensor

from vision.vocabulary import Vocabulary
from vision.words import END, START

_PIECES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"  # what byte pairs are sought within


class SimpleTokenizer(Protocol):
    """open_clip's reading of CLIP's byte pairs, as far as it is used here."""

    encoder: dict[str, int]
    bpe_ranks: dict[tuple[str, str], int]
    context_length: int

    def __call__(self, texts: list[str]) -> Tensor:
        """Tokens `[B, T]`."""
        ...


@dataclass(frozen=True)
class OwnWords:
    """The closed vocabulary of a model of ours."""

    words: Vocabulary
    part: Literal["vocabulary", "tokenizer"] = "vocabulary"

    @property
    def context_tokens(self) -> int:
        """T."""
        return self.words.context_tokens

    def encode(self, captions: list[str]) -> Tensor:
        """Tokens `[B, T]`."""
        return torch.from_numpy(self.words.encode(captions))

    def save(self, path: Path) -> None:
        """Write as JSON."""
        self.words.save(path)


@dataclass(frozen=True, eq=False)
class ClipPairs:
    """CLIP's byte pairs, encoded by open_clip itself: what is written is held against it."""

    tokenizer: SimpleTokenizer
    part: Literal["vocabulary", "tokenizer"] = "tokenizer"

    @property
    def context_tokens(self) -> int:
        """T."""
        return self.tokenizer.context_length

    def encode(self, captions: list[str]) -> Tensor:
        """Tokens `[B, T]`."""
        return self.tokenizer(captions)

    def save(self, path: Path) -> None:
        """Write as a `tokenizer.json` of the library `tokenizers`."""
        fast(self.tokenizer).save(str(path), pretty=False)


def fast(tokenizer: SimpleTokenizer) -> Tokenizer:
    """The same byte pairs for the library `tokenizers`, to be fed captions that are already cleaned."""
    merges = sorted(tokenizer.bpe_ranks, key=lambda pair: tokenizer.bpe_ranks[pair])
    pairs = models.BPE(vocab=tokenizer.encoder, merges=merges, end_of_word_suffix="</w>", unk_token=END)
    made = Tokenizer(pairs)
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in (START, END)])
    return made


def of_architecture(architecture: str, settings: dict[str, Any]) -> tuple[ClipPairs | None, str]:
    """The words of an open_clip architecture whose `text_cfg` this is; or None, and why there are none."""
    other = settings.get("hf_tokenizer_name") or settings.get("hf_model_name")
    if other or "siglip" in architecture.lower():
        return None, f"its text is read by {other or 'a tokenizer of its own'}; CLIP's byte pairs alone are supported"
    return ClipPairs(open_clip.get_tokenizer(architecture)), ""
