"""The stream of batches that training descends on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from torch.utils.data import DataLoader, Dataset

from training.data.batch import Batch
from training.data.sampling import Place, Sampler
from training.data.schooling import Schooling


class Parts(Dataset[Batch]):
    """The parts of each step's batch, with their lessons where there is a teacher."""

    def __init__(self, sampler: Sampler, school: Schooling | None) -> None:
        self._sampler, self._school = sampler, school

    def __getitem__(self, place: Place) -> Batch:
        batch = self._sampler[place]
        return replace(batch, lesson=self._school.lesson(place, batch.images.shape[-1])) if self._school else batch


def batches(parts: Parts, steps: range, own: Sequence[int], workers: int) -> Iterator[Sequence[Batch]]:
    """The parts of each step's batch that are this process's own, made ahead by `workers` processes."""
    loader: DataLoader[Batch] = DataLoader(
        parts,
        batch_size=None,
        sampler=[(step, part) for step in steps for part in own],
        num_workers=workers,
        prefetch_factor=3 if workers else None,
    )
    made = iter(loader)
    for _ in steps:
        yield [next(made) for _ in own]
