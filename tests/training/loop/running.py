"""Tiny runs in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SMOKE = ROOT / "configs" / "train" / "smoke.yaml"
COMMAND = "from cli.app import main; main()"
TINY = {
    "data.procedural_brands": "8",
    "data.validation_brands": "2",
    "data.brands_per_batch": "3",
    "schedule.warmup_steps": "2",
}


def arguments(runs: Path, name: str, **settings: str) -> list[str]:
    """What follows `touchstone` for a tiny run; `__` in a name stands for a dot."""
    chosen = TINY | {"runs": str(runs), "data.cache": str(runs / "atlas"), "name": name}
    chosen |= {key.replace("__", "."): value for key, value in settings.items()}
    return ["train", str(SMOKE), *(word for key, value in chosen.items() for word in ("--set", f"{key}={value}"))]


def start(arguments: list[str], processes: int = 1) -> subprocess.Popen[str]:
    """`touchstone` with these arguments, by itself or under torchrun."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "--no-python"]
    python = [sys.executable, "-c", COMMAND, *arguments]
    command = python if processes == 1 else [sys.executable, *torchrun, *python]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
