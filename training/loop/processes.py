"""Processes that train one model together, started by `torchrun`; a run by itself is one of one.

Each works on parts of a step's batch. Vectors are gathered before the objectives, so that every photograph is held
against those of all processes; gradients are added up after them. The result is that of one process with all parts.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import torch
from torch import Tensor, distributed, nn

from vision.errors import ConfigurationError

_PATIENCE = timedelta(hours=12)  # the first process may draw and render for long while the others wait


@dataclass(frozen=True)
class Processes:
    """One process among those that train together."""

    device: torch.device
    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this one writes and measures."""
        return self.rank == 0

    def parts(self, parts_per_step: int) -> range:
        """Which parts of a step's batch this process works on.

        Errors: `ConfigurationError` where the parts cannot be shared evenly.
        """
        if parts_per_step % self.count:
            raise ConfigurationError(
                f"schedule.parts_per_step is {parts_per_step}, which {self.count} processes cannot share evenly;"
                f" use --set schedule.parts_per_step={self.count} or a multiple"
            )
        share = parts_per_step // self.count
        return range(self.rank * share, (self.rank + 1) * share)

    def gathered(self, rows: Tensor) -> Tensor:
        """The rows of all processes, in their order; gradients flow to this one's."""
        if self.count == 1:
            return rows
        places = [torch.empty_like(rows) for _ in range(self.count)]
        distributed.all_gather(places, rows.detach().contiguous())
        places[self.rank] = rows
        return torch.cat(places)

    def add_up(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its sum over processes."""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if self.count > 1 and gradients:
            _add_up(gradients)

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replace each tensor of floats by its mean over processes: statistics that each kept of its own parts."""
        kept = [tensor for tensor in tensors if tensor.is_floating_point()]
        if self.count > 1 and kept:
            _add_up(kept, self.count)

    def agreed(self, decision: bool) -> bool:
        """What the first process decided."""
        if self.count == 1:
            return decision
        word = torch.tensor([decision], dtype=torch.uint8, device=self.device)
        distributed.broadcast(word, 0)
        return bool(word.item())

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """The first process does what is in here, the others after it: they find its files."""
        if self.count > 1 and not self.is_first:
            distributed.barrier()
        yield
        if self.count > 1 and self.is_first:
            distributed.barrier()


ALONE = Processes(torch.device("cpu"))


def _add_up(tensors: list[Tensor], divided_by: int = 1) -> None:
    """Replace tensors, whatever their layout in memory, by their sum over processes, in one exchange."""
    vector = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])
    distributed.all_reduce(vector)
    for tensor, total in zip(tensors, torch.split(vector, [tensor.numel() for tensor in tensors]), strict=True):
        tensor.detach().copy_(total.view(tensor.shape) / divided_by)


@contextmanager
def joined(device: Literal["auto", "cpu", "cuda"]) -> Iterator[Processes]:
    """The process as one of those that `torchrun` started; apart again at the end."""
    rank, count = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    place = _place(device)
    if count == 1:
        yield Processes(place)
        return
    distributed.init_process_group("nccl" if place.type == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield Processes(place, rank, count)
    finally:
        distributed.destroy_process_group()


def _place(device: Literal["auto", "cpu", "cuda"]) -> torch.device:
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError("schedule.device is 'cuda' and there is none here; use 'auto' or 'cpu'")
    if device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
