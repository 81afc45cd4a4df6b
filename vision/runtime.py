"""ONNX Runtime sessions: the one place where a model file is opened for inference."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import onnxruntime
from numpy.typing import NDArray

from vision.errors import BundleInvalid, ConfigurationError

CPU = "CPUExecutionProvider"


class Session:
    """One loaded model. `run` is thread safe; the session lives as long as this object."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self.inputs: tuple[str, ...] = tuple(node.name for node in session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(node.name for node in session.get_outputs())

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the model on named arrays; the outputs come in the order of `outputs`."""
        results: list[NDArray[Any]] = self._session.run(None, dict(feeds))
        return results

    @classmethod
    def open(cls, path: Path, threads: int = 1, providers: Sequence[str] | None = None) -> Self:
        """Load a model file; see `open_session`."""
        chosen = _providers(providers)
        try:
            return cls(onnxruntime.InferenceSession(str(path), _options(threads), providers=chosen))
        except Exception as fault:  # the runtime's own errors share no public base class
            raise BundleInvalid(
                f"{path.name} cannot be loaded by ONNX Runtime ({fault}); export the bundle again"
            ) from fault


def open_session(path: Path, threads: int = 1, providers: Sequence[str] | None = None) -> Session:
    """Load an ONNX model.

    `threads` is the number of threads one inference may use: one, and a process a core, serves most photos.
    `providers` are ONNX Runtime's execution providers in order of preference; None means CPU.
    Errors: `ConfigurationError` for an unusable choice, `BundleInvalid` for a file that is no model.
    """
    return Session.open(path, threads, providers)


def _providers(wanted: Sequence[str] | None) -> list[str]:
    available = onnxruntime.get_available_providers()
    chosen = list(wanted) if wanted else [CPU]
    for name in chosen:
        if name not in available:
            raise ConfigurationError(
                f"execution provider {name!r} is not installed; choose from {', '.join(available)}"
            )
    return chosen


def _options(threads: int) -> onnxruntime.SessionOptions:
    if threads < 1:
        raise ConfigurationError(f"threads is {threads}; an inference needs at least 1")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: they come as exceptions, warnings name optimisations
    # Idle threads that spin would take the core from the next request's decoding.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
