"""The extra `train`: what to say where it is not installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from vision.errors import ConfigurationError

_MODULES = frozenset(
    {"torch", "torchvision", "open_clip", "timm", "safetensors", "onnx", "sklearn", "tensorboard", "resvg_py"}
    | {"tokenizers", "ftfy", "pytorch_metric_learning", "webdataset", "pyarrow"}
)


@contextmanager
def needed(command: str) -> Iterator[None]:
    """Turn a missing module of the extra into a plain remedy. Errors: `ConfigurationError`."""
    try:
        yield
    except ModuleNotFoundError as fault:
        if (fault.name or "").split(".")[0] not in _MODULES:
            raise
        raise ConfigurationError(
            f"`touchstone {command}` needs {fault.name}, which the base install lacks: pip install 'touchstone[train]'"
        ) from fault
