"""A model bundle: a folder of model files and the `spec.json` that names, describes and seals them."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vision.errors import BundleInvalid

SPEC_FILE = "spec.json"
PartName = Literal["image", "text", "vocabulary", "comparator", "detector", "scorer", "calibration"]
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


class EmbedderSpec(_Closed):
    """How to feed the image tower, and where it came from."""

    architecture: str
    input_px: Annotated[int, Field(ge=16, le=1024)]  # side of the square input
    mean: Channels  # of RGB in 0..1
    std: Channels
    resize: Literal["squash", "shortest", "longest"]
    dim: Annotated[int, Field(ge=1)]  # D
    image: Part
    text: Part | None = None
    vocabulary: Part | None = None  # the words of the text tower
    context_tokens: Annotated[int, Field(ge=2)] | None = None
    config_digest: str = ""  # of the training configuration
    measured: dict[str, dict[str, float]] = {}  # row -> metric -> value


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

    def parts(self) -> dict[PartName, Part]:
        """The parts that this bundle has."""
        named: dict[PartName, Part | None] = {
            "image": self.embedder.image,
            "text": self.embedder.text,
            "vocabulary": self.embedder.vocabulary,
            "comparator": self.comparator,
            "detector": self.detector,
            "scorer": self.scorer,
            "calibration": self.calibration,
        }
        return {name: part for name, part in named.items() if part is not None}


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were found to be what its spec says."""

    path: Path
    spec: BundleSpec

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read and verify a bundle folder. Errors: `BundleInvalid`, naming the file and the remedy."""
        spec = _read_spec(path / SPEC_FILE)
        for part in spec.parts().values():
            _verify(path / part.file, part.sha256)
        return cls(path, spec)

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
