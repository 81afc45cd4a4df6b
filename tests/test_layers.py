"""The plan of the house, kept: which of our packages may import which, and where each third-party library may live.

Read from the syntax tree, so that imports inside functions count too.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# package -> ours that it may import beside itself
MAY_IMPORT = {
    "vision": frozenset[str](),
    "index": frozenset({"vision"}),
    "training": frozenset({"index", "vision"}),
    "serve": frozenset({"index", "vision"}),
    "cli": frozenset({"vision", "index", "training", "serve"}),
}
OURS = frozenset(MAY_IMPORT) | {"tests", "benchmarks"}

# third-party module -> paths (folder or file) that may import it; cli, benchmarks and tests are free
WALLS = {
    "torch": ("training",),
    "torchvision": ("training",),
    "open_clip": ("training",),
    "timm": ("training",),
    "safetensors": ("training",),
    "pytorch_metric_learning": ("training",),
    "pyarrow": ("training",),
    "webdataset": ("training",),
    "onnx": ("training",),
    "sklearn": ("training",),
    "resvg_py": ("training",),
    "onnxruntime": ("vision/runtime.py",),
    "onnxruntime.quantization": ("training/export/quantise.py",),  # it makes files; sessions open in vision/runtime
    "tokenizers": ("vision/words.py", "training/export"),
    "ftfy": ("vision/words.py",),
    "rapidocr": ("vision/faults/lettering.py",),
    "cv2": ("vision", "training"),
    "faiss": ("index/knn.py",),
    "sqlalchemy": ("index/store",),
    "alembic": ("index/store",),
    "psycopg": ("index/store",),
    "obstore": ("index/store",),
    "fastapi": ("serve",),
    "starlette": ("serve",),
    "uvicorn": ("serve",),
    "python_multipart": ("serve",),
    "prometheus_client": ("serve",),
    "typer": ("training",),  # for `python -m training.X`
}
WALLED = ("vision", "index", "training", "serve")


def violations(root: Path) -> list[str]:
    """Every import under `root` that goes up, sideways or through a wall, as `file:line: what`."""
    return [
        f"{path.relative_to(root).as_posix()}:{line}: {fault}"
        for package in MAY_IMPORT
        for path in sorted((root / package).rglob("*.py"))
        for line, module in imported(path, root)
        if (fault := forbidden(path.relative_to(root), module))
    ]


def imported(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import in a file, wherever it stands."""
    here = path.relative_to(root).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level]) if node.level else ""
            yield node.lineno, f"{base}.{node.module or ''}".strip(".")
        elif isinstance(node, ast.Call) and is_dynamic_import(node):
            yield node.lineno, str(node.args[0].value) if isinstance(node.args[0], ast.Constant) else ""


def is_dynamic_import(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return bool(call.args) and name in ("import_module", "__import__")


def forbidden(path: Path, module: str) -> str | None:
    """What is wrong with `path` importing `module`, if anything."""
    package, top = path.parts[0], module.split(".")[0]
    if top in OURS and top != package and top not in MAY_IMPORT[package]:
        return f"{package} may not import {top}"
    walled = max((name for name in WALLS if f"{module}.".startswith(f"{name}.")), key=len, default=None)
    if package in WALLED and walled and not any(path.is_relative_to(place) for place in WALLS[walled]):
        return f"{walled} lives only in {', '.join(WALLS[walled])}"
    return None


def test_the_house_keeps_its_directions_and_walls() -> None:
    assert violations(ROOT) == []


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("vision/photo.py", "import index.store", "vision/photo.py:1: vision may not import index"),
        ("index/build.py", "from training import data", "index/build.py:1: index may not import training"),
        ("serve/app.py", "def f():\n    from training.synthesis import brand", "serve/app.py:2: serve may not import"),
        ("training/train.py", "import serve", "training/train.py:1: training may not import serve"),
        ("training/evaluate.py", "from cli import pages", "training/evaluate.py:1: training may not import cli"),
        ("vision/embedder.py", "def f():\n    import torch", "vision/embedder.py:2: torch lives only in training"),
        ("vision/embedder.py", "import onnxruntime as ort", "onnxruntime lives only in vision/runtime.py"),
        (
            "training/export/tower.py",
            "from onnxruntime.quantization import x",
            "lives only in training/export/quantise",
        ),
        ("training/export/quantise.py", "import onnxruntime", "onnxruntime lives only in vision/runtime.py"),
        ("vision/bundle.py", "import tokenizers", "tokenizers lives only in vision/words.py, training/export"),
        ("index/gallery.py", "from faiss import IndexFlatIP", "faiss lives only in index/knn.py"),
        ("serve/desk.py", "import sqlalchemy.orm", "sqlalchemy lives only in index/store"),
        ("index/build.py", "import cv2", "cv2 lives only in vision, training"),
        ("vision/verdict.py", "from importlib import import_module\nimport_module('fastapi')", "fastapi lives only in"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, path: str, source: str, fault: str) -> None:
    for package in MAY_IMPORT:
        (tmp_path / package).mkdir()
        (tmp_path / package / "fine.py").write_text("import numpy\nfrom . import other\nfrom vision import photo\n")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(source)
    found = violations(tmp_path)
    assert len(found) == 1
    assert fault in found[0]


def test_imports_that_the_plan_allows_are_not_found(tmp_path: Path) -> None:
    allowed = {
        "training/train.py": "import torch, cv2, vision.camera, index.gallery",
        "index/knn.py": "import faiss",
        "index/store/rows.py": "import sqlalchemy",
        "vision/runtime.py": "import onnxruntime, cv2",
        "training/export/quantise.py": "from onnxruntime.quantization.shape_inference import quant_pre_process",
        "serve/app.py": "import fastapi, index.build",
        "cli/demo.py": "import torch, training, serve, index, vision, typer",
    }
    for path, source in allowed.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    assert violations(tmp_path) == []


WITHOUT_TRAINING_EXTRA = """
import importlib, pkgutil, sys
barred = {"torch", "torchvision", "open_clip", "timm", "sklearn", "onnx", "tensorboard", "resvg_py", "safetensors",
          "pytorch_metric_learning", "tokenizers", "ftfy", "webdataset", "pyarrow"}
class Bar:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in barred:
            raise ImportError(f"{name} is not in the base install")
sys.meta_path.insert(0, Bar())
def load(name):
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        importlib.import_module(found.name)
importlib.import_module("training")
importlib.import_module("training.evaluate")
for package in ("vision", "index", "serve", "cli", "training.synthesis"):
    load(package)
"""


def test_the_base_install_loads_without_torch() -> None:
    outcome = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_TRAINING_EXTRA], capture_output=True, text=True, cwd=ROOT
    )
    assert outcome.returncode == 0, outcome.stderr[-2000:]
