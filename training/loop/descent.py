"""The descent: step after step, judged and kept on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training import checkpoint
from training.data import Batch
from training.loop.bar import bar
from training.loop.judge import Judge
from training.loop.trainer import Trainer
from training.run import Run


@dataclass(frozen=True, eq=False)
class Descent:
    """One run on its way."""

    trainer: Trainer
    folder: Run
    judge: Judge

    def go_on(self, batches: Iterator[Sequence[Batch]], first_step: int) -> None:
        """Descend from `first_step` to the last step; `batches` gives this process's parts of each."""
        schedule, is_first = self.trainer.settings.schedule, self.trainer.processes.is_first
        with bar(self.trainer.settings.name, schedule.steps, first_step, shown=is_first) as advance:
            for step, parts in enumerate(batches, start=first_step):
                losses = self.trainer.step(parts, step).values()
                advance(losses["loss"])
                if is_first:
                    self.folder.losses.add({"step": step + 1, **losses})
                    self._keep(step + 1)

    def _keep(self, step: int) -> None:
        """What is due after so many steps."""
        schedule = self.trainer.settings.schedule
        if step % schedule.validate_every_steps == 0 or step == schedule.steps:
            self._validate(step)
        if step % schedule.checkpoint_every_steps == 0 or step == schedule.steps:
            checkpoint.save(self.folder.checkpoint, self.trainer.progress, step)

    def _validate(self, step: int) -> None:
        """Measure, and note it beside the mean losses since the last time."""
        before = self.folder.metrics()
        since = before[-1]["step"] if before else 0
        recent = [row for row in self.folder.losses.rows() if row["step"] > since]
        means = {name: float(np.mean([row[name] for row in recent])) for name in recent[-1] if name != "step"}
        self.folder.measured.add({"step": step, **means, **self.judge.measure(self.trainer)})
        self.folder.draw_curves()
