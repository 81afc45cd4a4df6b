"""The trainer: a model, the objectives it descends, its average over time and its optimiser."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training import checkpoint, data, model
from training.config import TrainConfig
from training.loop.decay import decaying
from training.loop.processes import ALONE, Processes
from training.loop.rate import learning_rate
from training.model.tuning import prepare, set_training
from training.objective.blend import READ_CAPTIONS, Blend, Losses, Sizes
from training.objective.seen import Seen
from training.precision import computing_in
from vision.errors import ConfigurationError

_LARGEST_GRADIENT = 1.0
_LARGEST_SCALE = 100
_ENCODE_BATCH = 128


@dataclass(frozen=True, eq=False)
class Vectors:
    """What the towers say to one part of a batch."""

    images: Tensor  # [B + V, D] unit: photographs, then the lesson
    captions: Tensor  # [B, D] unit, or [0, D]

    def leaves(self) -> "Vectors":
        """The same values, cut from the towers, that gradients stop at."""
        return Vectors(self.images.detach().requires_grad_(), self.captions.detach().requires_grad_())


@dataclass(frozen=True, eq=False)
class Trainer:
    """All that changes while a run goes on."""

    settings: TrainConfig
    processes: Processes
    model: model.Network
    blend: Blend
    average: AveragedModel
    optimiser: AdamW
    best: dict[str, Tensor] = field(default_factory=dict)  # averaged weights at the best validation, if looked for

    @classmethod
    def of(
        cls, settings: TrainConfig, sizes: Sizes, processes: Processes = ALONE, network: model.Network | None = None
    ) -> "Trainer":
        """A network to train, `prepared` from the configuration where none is given, and all that goes with it."""
        network = prepared(settings) if network is None else network
        network = network.to(processes.device, memory_format=torch.channels_last)
        averaging = get_ema_multi_avg_fn(settings.schedule.ema_decay)  # type: ignore[no-untyped-call]
        average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
        torch.manual_seed(settings.seed)  # whatever was drawn before, every process begins with the same heads
        blend = Blend(settings.objectives, sizes).to(processes.device)
        groups = decaying(nn.ModuleList([network, blend]), settings.schedule.weight_decay)
        return cls(settings, processes, network, blend, average, AdamW(groups))

    @property
    def progress(self) -> checkpoint.Progress:
        """What a checkpoint keeps."""
        return checkpoint.Progress(self.model, self.average, self.blend, self.optimiser, self.best)

    def step(self, parts: Sequence[data.Batch], step: int) -> Losses:
        """One descent on this process's parts of the batch, held against those of all others.

        Several parts are worked one after the other in the memory of one: the towers run once for the vectors, and
        again, part by part, for the gradients (GradCache, Gao et al., arXiv 2101.06983). The loss is of the whole.
        """
        set_training(self.model)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.settings.schedule, step)
        self.optimiser.zero_grad(set_to_none=True)
        parts = [part.on(self.processes.device) for part in parts]
        losses = self._backward(parts, step)
        self.processes.add_up(self._tower_parameters())
        nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        self.optimiser.step()
        self.processes.average(self.model.buffers())
        self.average.update_parameters(self.model)
        return losses

    def _backward(self, parts: Sequence[data.Batch], step: int) -> Losses:
        at_once = len(parts) == 1
        with torch.set_grad_enabled(at_once), _statistics_kept(self.model, at_once):
            said = [self._vectors(part, step, place) for place, part in enumerate(parts)]
        leaves = [vectors.leaves() for vectors in said]
        losses: Losses = self.blend(self._seen(parts, leaves))
        losses.total.backward()  # type: ignore[no-untyped-call]
        for place, (part, leaf) in enumerate(zip(parts, leaves, strict=True)):
            vectors = said[place] if at_once else self._vectors(part, step, place)
            _pull(vectors, leaf)
        return losses

    def _vectors(self, batch: data.Batch, step: int, place: int) -> Vectors:
        """What the towers say; the same again for the same step and place, whatever they draw by chance."""
        parts_per_step = self.settings.schedule.parts_per_step
        part = self.processes.parts(parts_per_step)[place]
        torch.manual_seed((self.settings.seed * 1_000_003 + step) * parts_per_step + part)
        pictures = batch.images if batch.lesson is None else torch.cat([batch.images, batch.lesson.images])
        with computing_in(self.settings.schedule.precision, self.processes.device):
            images = self.model.encode_image(self._pixels(pictures), normalize=True)
            captions = self._captions(batch.tokens, images.shape[1])
        return Vectors(images.float(), captions.float())

    def _pixels(self, images: Tensor) -> Tensor:
        statistics = model.statistics(self.settings.model)
        return model.normalised(images, *statistics).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def embed(self, network: model.Network, images: Tensor) -> NDArray[np.float32]:
        """Unit vectors `[B, D]` of `uint8 [B, 3, S, S]` by some state of the model."""
        network.eval()
        with computing_in(self.settings.schedule.precision, self.processes.device):
            parts = [self._pixels(part.to(self.processes.device)) for part in torch.split(images, _ENCODE_BATCH)]
            vectors = [network.encode_image(part, normalize=True).float().cpu() for part in parts]
        return torch.cat(vectors).numpy()

    def _captions(self, tokens: Tensor, dim: int) -> Tensor:
        """Unit vectors of captions, or none where no objective reads them."""
        if READ_CAPTIONS.isdisjoint(self.settings.objectives.used()):
            return torch.empty(0, dim, device=tokens.device)
        vectors: Tensor = self.model.encode_text(tokens, normalize=True)
        return vectors

    def _seen(self, parts: Sequence[data.Batch], said: Sequence[Vectors]) -> Seen:
        """All parts of all processes."""
        together = self.processes.gathered
        photographs = len(parts[0].images)
        lessons = [part.lesson for part in parts if part.lesson is not None]
        teachers = zip(*(lesson.features for lesson in lessons), strict=True)
        return Seen(
            images=together(torch.cat([vectors.images[:photographs] for vectors in said])),
            brand=together(torch.cat([part.brand for part in parts])),
            forged=together(torch.cat([part.forged for part in parts])),
            tokens=together(torch.cat([part.tokens for part in parts])),
            captions=together(torch.cat([vectors.captions for vectors in said])),
            scale=self.model.logit_scale.exp().clamp(max=_LARGEST_SCALE),
            lesson=together(torch.cat([vectors.images[photographs:] for vectors in said])),
            features=tuple(together(torch.cat(seen)) for seen in teachers),
        )

    def _tower_parameters(self) -> Iterator[nn.Parameter]:
        """All but the factor of caption logits, whose gradient each process already has whole."""
        return (parameter for parameter in self.model.parameters() if parameter is not self.model.logit_scale)


def prepared(settings: TrainConfig) -> model.Network:
    """The network with the weights it starts from, or fresh ones, and what is not trained frozen.

    Errors: `ConfigurationError` for an architecture, a start or a part of it that is not to be had.
    """
    network = model.build(settings.model)
    prepare(network, settings.model.tuning)
    if settings.schedule.checkpointed_towers:
        try:
            network.set_grad_checkpointing(True)
        except (AssertionError, NotImplementedError, AttributeError) as fault:
            raise ConfigurationError(
                "schedule.checkpointed_towers: this architecture cannot; set it to false"
            ) from fault
    return network


def _pull(vectors: Vectors, leaf: Vectors) -> None:
    """Send the gradients that stopped at the leaves on through the towers."""
    ends = ((vectors.images, leaf.images), (vectors.captions, leaf.captions))
    pulled = [(tensor, end.grad) for tensor, end in ends if tensor.requires_grad and end.grad is not None]
    torch.autograd.backward([tensor for tensor, _ in pulled], [gradient for _, gradient in pulled])


@contextmanager
def _statistics_kept(network: nn.Module, kept: bool) -> Iterator[None]:
    """Whether batch norms take what they see into their running statistics: of two passes, the second does."""
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    before = [norm.track_running_stats for norm in norms]
    for norm in norms:
        norm.track_running_stats = norm.track_running_stats and kept
    yield
    for norm, tracked in zip(norms, before, strict=True):
        norm.track_running_stats = tracked
