"""A model bundle: a folder of model files and the `spec.json` that names, describes and seals them."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vision.errors import BundleInvalid

SPEC_FILE = "spec.json"
PartName = Literal[
    "image", "text", "vocabulary", "tokenizer", "comparator", "detector", "scorer", "calibration", "naming"
]
Precision = Literal["fp32", "fp16", "int8"]
Resize = Literal["squash", "shortest", "longest"]
Channels = tuple[float, float, float]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Closed):
    """One file of the bundle, sealed by its digest."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]  # a plain name: never leads out
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @classmethod
    def of(cls, path: Path) -> Self:
        """Seal a file as it is now."""
        return cls(file=path.name, sha256=sha256_of(path))


class Variant(_Closed):
    """The towers in one precision, and how far they say what the trained network says."""

    image: Part
    text: Part | None = None
    made: str = ""  # how its numbers were rounded
    measured: dict[str, float] = {}  # agreement with the trained network, and cost


class EmbedderSpec(_Closed):
    """How to feed the image tower, and where it came from."""

    architecture: str
    input_px: Annotated[int, Field(ge=16, le=1024)]  # side of the square input
    mean: Channels  # of RGB in 0..1
    std: Channels
    resize: Resize
    dim: Annotated[int, Field(ge=1)]  # D
    image: Part
    text: Part | None = None
    vocabulary: Part | None = None  # the words of a text tower of ours
    tokenizer: Part | None = None  # or the byte pairs of CLIP's
    context_tokens: Annotated[int, Field(ge=2)] | None = None
    config_digest: str = ""  # of the training configuration
    measured: dict[str, dict[str, float]] = {}  # row -> metric -> value
    origin: str = ""  # where the weights are from
    precision: Precision | None = None  # of `image` and `text`: the variant served unless another is asked for
    variants: dict[Precision, Variant] = {}  # every precision in the bundle, the served one among them
    refused: dict[Precision, str] = {}  # precisions left out, and why

    @model_validator(mode="after")
    def _serves_a_variant(self) -> Self:
        if self.precision is None and not self.variants:
            return self
        served = self.variants.get(self.precision) if self.precision else None
        if served is None or (served.image, served.text) != (self.image, self.text):
            raise ValueError("image and text are not those of the variant that precision names")
        return self

    def at(self, precision: Precision) -> Self:
        """The same embedder by its towers of another precision. Errors: `BundleInvalid` where it has none."""
        if precision == self.precision:
            return self
        if precision not in self.variants:
            raise BundleInvalid(f"the bundle has no {precision} towers{self._why(precision)}")
        chosen = self.variants[precision]
        return self.model_copy(update={"image": chosen.image, "text": chosen.text, "precision": precision})

    def _why(self, precision: Precision) -> str:
        if precision in self.refused:
            return f": export refused them ({self.refused[precision]}); leave the precision out"
        return f"; it has {', '.join(self.variants) or 'one kind, unnamed'}; leave the precision out, or export it anew"


class BundleSpec(_Closed):
    """The content of `spec.json`."""

    format: Literal[1]
    name: str
    licence: str
    embedder: EmbedderSpec
    comparator: Part | None = None
    detector: Part | None = None
    scorer: Part | None = None
    calibration: Part | None = None
    naming: Part | None = None  # the closer look that tells faults of flagged marks apart

    def parts(self) -> dict[PartName, Part]:
        """The parts that this bundle has."""
        named: dict[PartName, Part | None] = {
            "image": self.embedder.image,
            "text": self.embedder.text,
            "vocabulary": self.embedder.vocabulary,
            "tokenizer": self.embedder.tokenizer,
            "comparator": self.comparator,
            "detector": self.detector,
            "scorer": self.scorer,
            "calibration": self.calibration,
            "naming": self.naming,
        }
        return {name: part for name, part in named.items() if part is not None}

    def files(self) -> list[Part]:
        """Every file that the spec seals, those of variants not served too."""
        towers = [part for variant in self.embedder.variants.values() for part in (variant.image, variant.text)]
        return [*self.parts().values(), *(part for part in towers if part and part not in self.parts().values())]


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were found to be what its spec says."""

    path: Path
    spec: BundleSpec

    @classmethod
    def open(cls, path: Path, precision: Precision | None = None) -> Self:
        """Read and verify a bundle folder, to be used in the precision that its spec serves, or in another it has.

        Errors: `BundleInvalid`, naming the file and the remedy.
        """
        spec = _read_spec(path / SPEC_FILE)
        for part in spec.files():
            _verify(path / part.file, part.sha256)
        if precision is None:
            return cls(path, spec)
        return cls(path, spec.model_copy(update={"embedder": spec.embedder.at(precision)}))

    def part(self, name: PartName) -> Path | None:
        """Where a part lies, or None where the bundle has none."""
        part = self.spec.parts().get(name)
        return self.path / part.file if part else None


def carried() -> Path:
    """The small bundle of our own training that comes with the package."""
    return Path(str(files("vision"))) / "bundles" / "mini"


def write_spec(path: Path, spec: BundleSpec) -> None:
    """Write `spec.json` into a bundle folder whose files are in place."""
    (path / SPEC_FILE).write_text(spec.model_dump_json(indent=2) + "\n", encoding="utf-8")


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_spec(path: Path) -> BundleSpec:
    try:
        return BundleSpec.model_validate_json(path.read_bytes())
    except OSError as fault:
        raise BundleInvalid(
            f"no readable {SPEC_FILE} in {path.parent} ({fault.strerror});"
            " a bundle is a folder made by `touchstone export`"
        ) from fault
    except ValidationError as fault:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in fault.errors())
        raise BundleInvalid(f"{path} is no bundle spec of format 1: {faults}; export the bundle again") from fault


def _verify(path: Path, expected: str) -> None:
    if not path.is_file():
        raise BundleInvalid(f"{path.name} is missing from the bundle {path.parent}; copy or export it again")
    found = sha256_of(path)
    if found != expected:
        raise BundleInvalid(
            f"{path.name} in {path.parent} has sha256 {found[:16]}, its spec says {expected[:16]};"
            " copy or export it again"
        )
