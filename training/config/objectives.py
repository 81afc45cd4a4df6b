"""Settings of the objectives: what a step descends, by closed names, freely weighted."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from training.config.reading import Channels, Closed, Positive, SidePx, Weight

Temperature = Annotated[float, Field(gt=0, le=1)]


class Objective(Closed):
    """One term of the sum that is descended."""

    weight: Weight = 1.0


class SupConConfig(Objective):
    """Supervised contrastive over brands."""

    temperature: Temperature = 0.07
    forged_weight: Weight = 0.3  # a forgery's own pull towards the brand it imitates


class ForgedMarginConfig(Objective):
    """Genuine pairs closer than a genuine and a forged view, by a margin."""

    margin: Annotated[float, Field(ge=0, le=1)] = 0.05  # cosine


class ClipConfig(Objective):
    """Contrastive against captions, by softmax over the batch."""


class SigLipConfig(Objective):
    """Contrastive against captions, each pair judged by itself."""


class ArcFaceConfig(Objective):
    """Brands as classes: an angular margin against a learned centre for each."""

    margin_deg: Annotated[float, Field(ge=0, le=90)] = 28.6
    scale: Annotated[float, Field(gt=0)] = 64.0
    forged_weight: Weight = 0.3  # a forgery's own pull towards the brand it imitates


class TeacherConfig(Closed):
    """A network whose view of images is learned: an ONNX file with a named output, or an embedder bundle."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]
    source: Annotated[str, Field(min_length=8)]  # repository and version that anyone can get the teacher from
    bundle: str | None = None  # a bundle's folder, which says all that follows
    onnx: str | None = None  # a file; `${NAME}` is taken from the environment
    output: str = "embedding"  # features [B, D], or a map [B, D, h, w] that is averaged
    input_px: SidePx = 224
    mean: Channels = (0.5, 0.5, 0.5)  # of RGB in 0..1, NCHW
    std: Channels = (0.5, 0.5, 0.5)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.bundle is None) == (self.onnx is None):
            raise ValueError("give either bundle or onnx")
        return self


class DistilConfig(Objective):
    """Distillation: a fixed set of views, as teachers see them."""

    teachers: tuple[TeacherConfig, ...]
    kind: Literal["relational", "cosine"] = "relational"
    temperature: Temperature = 0.1  # of a relational lesson's neighbourhoods
    views: Annotated[int, Field(ge=16)] = 20_000  # photographed once; the teachers' features of them are kept on disk
    views_px: SidePx = 128
    views_per_batch: Positive = 64

    @model_validator(mode="after")
    def _teachable(self) -> Self:
        if self.views_per_batch > self.views:
            raise ValueError(f"views_per_batch {self.views_per_batch} exceeds views ({self.views})")
        if not self.teachers:
            raise ValueError("teachers names none; give at least one")
        names = [teacher.name for teacher in self.teachers]
        if len(set(names)) < len(names):
            raise ValueError("teachers need names of their own")
        return self


class ObjectivesConfig(Closed):
    """The objectives that are named are descended together; an absent one is left out."""

    supcon: SupConConfig | None = None
    forged_margin: ForgedMarginConfig | None = None
    clip: ClipConfig | None = None
    siglip: SigLipConfig | None = None
    arcface: ArcFaceConfig | None = None
    distil: DistilConfig | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.used():
            raise ValueError(f"name at least one with a weight above 0, of {', '.join(type(self).model_fields)}")
        return self

    def used(self) -> dict[str, Objective]:
        """Name -> settings of the objectives that weigh something."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: objective for name, objective in named.items() if objective is not None and objective.weight > 0}


OF_BRANDS = ObjectivesConfig(
    supcon=SupConConfig(), forged_margin=ForgedMarginConfig(weight=0.3), clip=ClipConfig(weight=0.2)
)
"""What is descended where a configuration does not say."""
