"""Serving reads captions as open_clip does, without torch or open_clip."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import open_clip

from training.export import lexicon
from training.export.lexicon import ClipPairs
from vision.errors import BundleInvalid
from vision.words import BytePairs

CAPTIONS = [
    "a photo of a valve cap",
    "  It's   THE Brand's key-ring!!  ",
    "12345 prices: 9.99 & more &amp;amp; &lt;b&gt;",
    "Füße, naïve café, 商标 логотип 🛍️ ﬁne “quotes”",
    "",
    "they'll we've I'm you'd don't 'S",
    "antidisestablishmentarianism " * 40,
    "a_b-c/d\\e\tf\ng",
]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "tokenizer.json"
    ClipPairs(open_clip.get_tokenizer("ViT-B-32")).save(path)
    return path


@pytest.mark.parametrize("context_tokens", [77, 8])
def test_tokens_are_those_of_open_clip(pairs: Path, context_tokens: int) -> None:
    expected = open_clip.get_tokenizer("ViT-B-32", context_length=context_tokens)(CAPTIONS).numpy()
    np.testing.assert_array_equal(BytePairs(pairs, context_tokens).encode(CAPTIONS), expected)


def test_no_torch_is_needed_to_read_them(pairs: Path) -> None:
    code = f"""
import sys
sys.modules["torch"] = sys.modules["open_clip"] = None
from pathlib import Path
from vision.words import BytePairs
print(BytePairs(Path({str(pairs)!r}), 77).encode(["a photo"])[0, :4].tolist())
"""
    outcome = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[49406, 320, 1125, 49407]"


def test_a_file_that_holds_no_pairs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(BundleInvalid, match="no tokenizer"):
        BytePairs(tmp_path / "tokenizer.json", 77)


@pytest.mark.parametrize("architecture", ["ViT-B-16-SigLIP", "xlm-roberta-base-ViT-B-32"])
def test_other_tokenizers_are_told_to_be_unsupported(architecture: str) -> None:
    words, why = lexicon.of_architecture(architecture, open_clip.get_model_config(architecture)["text_cfg"])
    assert words is None
    assert "byte pairs alone are supported" in why
