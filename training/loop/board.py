"""The board: what TensorBoard shows, beside the tables of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, eq=False)
class Board:
    """Where measurements are shown; nowhere, if there is no writer."""

    writer: Any = None

    @classmethod
    def open(cls, folder: Path, first_step: int) -> "Board":
        """A board in a run's folder; what it showed after `first_step` is shown anew."""
        from torch.utils.tensorboard import SummaryWriter  # half a second, for those who ask for it

        return cls(SummaryWriter(str(folder / "tensorboard"), purge_step=first_step + 1))

    def add(self, row: Mapping[str, float]) -> None:
        """Show a row of numbers at its `step`."""
        if self.writer is not None:
            for name, value in row.items():
                if name != "step":
                    self.writer.add_scalar(name, value, int(row["step"]))

    def close(self) -> None:
        """Write what is still held back."""
        if self.writer is not None:
            self.writer.close()
