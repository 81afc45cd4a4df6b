"""Training computes in bfloat16 only where that is no slower, unless it is told to."""

from types import SimpleNamespace

import pytest
import torch

from training.config import Precision
from training.precision import computes_bf16, computing_in

CPU = torch.device("cpu")


def dtype_of_product(precision: Precision) -> torch.dtype:
    with computing_in(precision, CPU):
        return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype


@pytest.mark.parametrize(("instructions", "dtype"), [("avx512_bf16", torch.bfloat16), ("avx512_vnni", torch.float32)])
def test_auto_is_what_the_processor_has_instructions_for(
    monkeypatch: pytest.MonkeyPatch, instructions: str, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {instructions: True}, raising=False)
    assert dtype_of_product("auto") == dtype
    assert dtype_of_product("fp32") == torch.float32
    assert dtype_of_product("bf16") == torch.bfloat16


def test_a_pytorch_that_cannot_tell_is_not_trusted_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "cpu", SimpleNamespace())
    assert not computes_bf16(CPU)
