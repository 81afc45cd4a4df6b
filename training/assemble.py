"""Assemble: put a part into a bundle, seal it, and take out what was made for the part it replaces.

`python -m training.assemble BUNDLE --comparator FILE --detector FILE`
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from vision.bundle import Bundle, Part, PartName, write_spec

FILES: dict[PartName, str] = {
    "comparator": "comparator.onnx",
    "detector": "detector.onnx",
    "scorer": "scorer.json",
    "calibration": "calibration.json",
    "naming": "naming.json",
}
MADE_FOR: dict[PartName, tuple[PartName, ...]] = {
    "comparator": ("scorer", "calibration", "naming"),  # the scorer and the naming weigh the comparator's word
    "detector": ("scorer", "calibration"),  # and the brands that its regions bring forward
    "scorer": ("calibration", "naming"),  # calibration is of the scorer's scores, naming adds to its logits
    "calibration": (),
    "naming": (),
}


def put(
    bundle: Bundle, name: Literal["comparator", "detector", "scorer", "calibration", "naming"], content: bytes
) -> Bundle:
    """The bundle with `content` as its part `name`, written and sealed."""
    changes: dict[str, Part | None] = {}
    for stale in MADE_FOR[name]:
        if (old := bundle.part(stale)) is not None:
            old.unlink()
        changes[stale] = None
    path = bundle.path / FILES[name]
    path.write_bytes(content)
    changes[name] = Part.of(path)
    write_spec(bundle.path, bundle.spec.model_copy(update=changes))
    return Bundle.open(bundle.path)


def main(
    bundle: Annotated[Path, typer.Argument(help="Bundle folder.")],
    comparator: Annotated[Path | None, typer.Option(help="comparator.onnx of training.comparator.train.")] = None,
    detector: Annotated[Path | None, typer.Option(help="detector.onnx of training.detector.train.")] = None,
) -> None:
    """Put a comparator, a detector or both into a bundle. Its scorer and calibration must be made anew."""
    opened = Bundle.open(bundle)
    if comparator is not None:
        opened = put(opened, "comparator", comparator.read_bytes())
    if detector is not None:
        put(opened, "detector", detector.read_bytes())


if __name__ == "__main__":
    typer.run(main)
