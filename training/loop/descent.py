"""The descent: step after step, judged and kept on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from safetensors.torch import save_file

from training import checkpoint
from training.data import Batch
from training.loop.bar import bar
from training.loop.board import Board
from training.loop.judge import Judge
from training.loop.patience import best_row, is_over
from training.loop.trainer import Trainer
from training.model.finish import finish
from training.model.start import FINAL
from training.run import Run


@dataclass(frozen=True, eq=False)
class Descent:
    """One run on its way."""

    trainer: Trainer
    folder: Run
    judge: Judge
    board: Board

    def go_on(self, batches: Iterator[Sequence[Batch]], first_step: int) -> None:
        """Descend from `first_step` to the last step; `batches` gives this process's parts of each."""
        trainer, schedule = self.trainer, self.trainer.settings.schedule
        is_first = trainer.processes.is_first
        over = trainer.processes.agreed(is_first and is_over(self.folder.metrics(), schedule.stop))
        with bar(trainer.settings.name, schedule.steps, first_step, shown=is_first) as advance:
            for step, parts in enumerate(() if over else batches, start=first_step + 1):
                losses = trainer.step(parts, step - 1).values()
                advance(losses["loss"])
                if is_first:
                    self._note({"step": step, **losses})
                due = step % schedule.validate_every_steps == 0 or step == schedule.steps
                over = due and trainer.processes.agreed(is_first and self._validate(step))
                if is_first and (step % schedule.checkpoint_every_steps == 0 or step == schedule.steps or over):
                    checkpoint.save(self.folder.checkpoint, trainer.progress, step)
                if over:
                    break

    def _note(self, losses: dict[str, float]) -> None:
        self.folder.losses.add(losses)
        self.board.add(losses)

    def _validate(self, step: int) -> bool:
        """Measure, and note it beside the mean losses since the last time -> whether to end here."""
        before = self.folder.metrics()
        since = before[-1]["step"] if before else 0
        recent = [row for row in self.folder.losses.rows() if row["step"] > since]
        means = {name: float(np.mean([row[name] for row in recent])) for name in recent[-1] if name != "step"}
        measured = self.judge.measure(self.trainer, self.trainer.average.module)
        self.folder.measured.add({"step": step, **means, **measured})
        self.board.add({"step": step, **measured})
        self.folder.draw_curves()
        return self._keep_best()

    def _keep_best(self) -> bool:
        rows, stop = self.folder.metrics(), self.trainer.settings.schedule.stop
        if stop is not None and best_row(rows, stop) == len(rows) - 1:
            for name, tensor in self.trainer.average.state_dict().items():
                self.trainer.best[name] = tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        return is_over(rows, stop)

    def measure_start(self) -> None:
        """Where the model starts from another, note how that one does."""
        config = self.trainer.settings.model
        if (config.start or config.pretrained) and "start" not in self.folder.ends():
            self.folder.note_ends(start=self.judge.measure(self.trainer, self.trainer.model))

    def end(self) -> None:
        """Write the finished model, and note how it does."""
        average = self.trainer.average
        if self.trainer.best:
            average.load_state_dict(self.trainer.best)
        network = finish(average.module, self.trainer.settings.model)
        weights = {name: tensor.contiguous().cpu() for name, tensor in network.state_dict().items()}
        save_file(weights, self.folder.path / FINAL)
        self.folder.note_ends(final=self.judge.measure(self.trainer, network))
