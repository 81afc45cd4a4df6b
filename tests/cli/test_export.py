"""`touchstone export` says in a line what it cannot do, before it does anything."""

from pathlib import Path

import pytest

from tests.cli.running import Touchstone

pytest.importorskip("open_clip", reason="open_clip is not installed (extra: train)")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ViT-B-32",), "--random"),
        (("ViT-B-32:no-such-tag",), "choose from"),
        (("ViT-B-32", "--pretrained", "no-such-tag"), "choose from"),
        (("ViT-B-32", "--random", "--precision", "fp8"), "fp32, fp16, int8"),
        (("ViT-B-32", "--random", "--precision", "fp32", "--require", "int8"), "only fp32"),
        (("no-such-thing",), "no open_clip architecture"),
    ],
)
def test_wrong_usage_is_exit_2(touchstone: Touchstone, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    source, *options = arguments
    outcome = touchstone("export", source, tmp_path / "bundle", *options)
    assert outcome.exit_code == 2
    assert told in " ".join(outcome.err.split())
    assert not (tmp_path / "bundle").exists()


def test_an_unsafe_checkpoint_is_exit_2(touchstone: Touchstone, tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"\x80\x02cos\nsystem\n(S'true'\ntR.")
    outcome = touchstone("export", tmp_path / "weights.bin", tmp_path / "bundle", "--architecture", "ViT-S-32")
    assert outcome.exit_code == 2
    assert "checkpoint_refused" in outcome.err


def test_a_precision_that_the_bundle_has_not_is_exit_2(touchstone: Touchstone, photo: Path, tmp_path: Path) -> None:
    outcome = touchstone("inspect", photo, "--data", tmp_path, "--precision", "int8")
    assert outcome.exit_code == 2
    assert "no int8 towers" in outcome.err
    assert touchstone("inspect", photo, "--data", tmp_path, "--precision", "fp8").exit_code == 2
