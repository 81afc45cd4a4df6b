"""A run's folder: what was asked, where it ran, how it went."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from pydantic.main import IncEx

from training.config import TrainConfig, validate
from training.loop.table import Table
from vision.errors import ConfigurationError

_CONFIG = "config.yaml"
_ENDS = "ends.json"
# What may change when a run goes on.
_FREE: Mapping[str, IncEx | bool] = {"schedule": True, "runs": True, "tensorboard": True, "data": {"workers", "cache"}}


@dataclass(frozen=True)
class Run:
    """The folder of one training run."""

    path: Path

    @classmethod
    def open(cls, config: TrainConfig) -> "Run":
        """Make the run's folder, or go on in it where it was made by the same configuration.

        The schedule may differ: a run may be ended earlier or later than first meant.
        Errors: `ConfigurationError` where the folder belongs to another configuration.
        """
        run = cls(Path(config.runs) / config.name)
        if (run.path / _CONFIG).is_file():
            run._check_same(config)
        run.path.mkdir(parents=True, exist_ok=True)
        (run.path / _CONFIG).write_text(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False), "utf-8")
        (run.path / "environment.json").write_text(json.dumps(environment(), indent=2) + "\n", "utf-8")
        return run

    @property
    def checkpoint(self) -> Path:
        """Folder of the newest checkpoint."""
        return self.path / "checkpoint"

    @property
    def losses(self) -> Table:
        """Every step's loss and its terms, exactly."""
        return Table(self.path / "losses.csv", digits=17)

    @property
    def measured(self) -> Table:
        """Losses since the last, and retrieval, at each validation."""
        return Table(self.path / "metrics.csv")

    def config(self) -> TrainConfig:
        """The configuration, resolved, as the run used it."""
        path = self.path / _CONFIG
        if not path.is_file():
            raise ConfigurationError(
                f"{self.path} is no run folder: it has no {_CONFIG}; make one with `touchstone train`"
            )
        return validate(yaml.safe_load(path.read_text("utf-8")), str(path))

    def note_ends(self, **measured: Mapping[str, float]) -> None:
        """Write down, beside what stands there, how the model did before or after all steps."""
        (self.path / _ENDS).write_text(json.dumps(self.ends() | measured, indent=2) + "\n", "utf-8")

    def ends(self) -> dict[str, Mapping[str, float]]:
        """`start`, where the model did not start fresh, and `final`, as far as they were measured."""
        path = self.path / _ENDS
        return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}

    def _check_same(self, config: TrainConfig) -> None:
        if _identity(self.config()) != _identity(config):
            raise ConfigurationError(
                f"{self.path} holds a run of another configuration; set another name, or delete the folder"
            )

    def rewind(self, step: int) -> None:
        """Forget what was measured after `step`."""
        self.losses.rewind(step)
        self.measured.rewind(step)

    def metrics(self) -> list[dict[str, float]]:
        """The measurements of all validations so far."""
        return self.measured.rows()

    def draw_curves(self) -> None:
        """Write `curves.png`: every measurement against steps."""
        rows = self.metrics()
        names = [name for name in (rows[0] if rows else {}) if name != "step"]
        if not names:
            return
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4 * len(names), 3), layout="constrained")
        steps = [row["step"] for row in rows]
        for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
            axes.plot(steps, [row[name] for row in rows])
            axes.set_title(name)
            axes.set_xlabel("steps")
        figure.savefig(self.path / "curves.png", dpi=90)


def _identity(config: TrainConfig) -> dict[str, object]:
    """What a run may not change while it goes on."""
    return config.model_dump(exclude=_FREE)


def environment() -> dict[str, str | int]:
    """What a reader needs to judge the run: commit, versions, machine."""
    return {
        "commit": _commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "accelerator": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
    }


def _commit() -> str:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()
