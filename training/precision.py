"""Precision: what a network is computed in while it trains. Weights stay in float32.

Processors without instructions for bfloat16 emulate it, several times slower than float32, and say nothing.
"""

from contextlib import AbstractContextManager

import torch

from training.config import Precision

_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")  # of x86 and ARM processors, as PyTorch names them


def computing_in(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """The context in which a network is called."""
    enabled = precision == "bf16" or (precision == "auto" and computes_bf16(device))
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def computes_bf16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; no, where this PyTorch cannot tell."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    able = torch.cpu.get_capabilities()
    return any(bool(able.get(name)) for name in _INSTRUCTIONS)
