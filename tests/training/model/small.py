"""A tiny architecture of open_clip's own kind."""

import json
from pathlib import Path

import open_clip

NAME = "tiny-test-clip"
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


def register(folder: Path) -> str:
    """Make it known to open_clip -> its name."""
    (folder / f"{NAME}.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(folder)
    return NAME
