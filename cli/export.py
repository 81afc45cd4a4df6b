"""`touchstone export`: a model bundle from a run, a checkpoint or an open_clip architecture."""

from pathlib import Path
from typing import Annotated

import typer

from cli import console, extra
from cli.options import precision_of
from vision.bundle import Bundle, Precision

Several = list[str] | None


def run(
    source: Annotated[
        str, typer.Argument(help="A run's folder, a checkpoint, or an open_clip ARCHITECTURE[:TAG].", metavar="SOURCE")
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write the bundle to.", metavar="DIR")],
    pretrained: Annotated[
        str | None, typer.Option("--pretrained", help="Tag of an architecture's weights.", metavar="TAG")
    ] = None,
    architecture: Annotated[
        str | None, typer.Option("--architecture", help="What a checkpoint's weights are of.", metavar="NAME")
    ] = None,
    random: Annotated[bool, typer.Option("--random", help="Random weights, for trying things out.")] = False,
    precision: Annotated[
        Several, typer.Option("--precision", help="fp32, fp16 or int8; may be repeated; all if left out.", metavar="P")
    ] = None,
    serve: Annotated[
        str | None, typer.Option("--serve", help="Which one serves unless another is asked for.", metavar="P")
    ] = None,
    require: Annotated[
        Several, typer.Option("--require", help="Fail where this one is refused; may be repeated.", metavar="P")
    ] = None,
    agreement: Annotated[
        float, typer.Option("--agreement", min=0.5, max=1.0, help="Share of decisions that fp16 and int8 must keep.")
    ] = 0.999,
    probes: Annotated[int, typer.Option("--probes", min=20, help="Photographs that are decided on.")] = 1000,
    licence: Annotated[str | None, typer.Option("--licence", help="Of the weights.", metavar="NAME")] = None,
) -> None:
    """Export a model to ONNX, as a bundle; every precision is held against PyTorch first."""
    with extra.needed("export"):
        from training.export import request, writing

        asked = request.Request(
            source=source,
            architecture=architecture,
            pretrained=pretrained,
            random=random,
            precisions=tuple(_named(precision)) or request.PRECISIONS,
            required=frozenset(_named(require)),
            serve=precision_of(serve),
            least_decisions=agreement,
            queries=probes,
            licence=licence,
        )
        bundle = writing.run(asked, out, console.note)
    _tell(bundle)


def _named(words: Several) -> list[Precision]:
    return [precision for word in words or () if (precision := precision_of(word)) is not None]


def _tell(path: Path) -> None:
    embedder = Bundle.open(path).spec.embedder
    for precision, why in embedder.refused.items():
        console.note(f"{precision} is left out: {why}")
    made = ", ".join(f"{each} ({variant.measured['decisions']:.2%})" for each, variant in embedder.variants.items())
    console.say(f"exported to {path}: serves {embedder.precision}; has {made}, decisions as PyTorch's")
