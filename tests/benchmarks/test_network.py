"""Feature maps out of the carried embedder, and teachers that are not there."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.forgery.network import TEACHERS, embedder_networks, teacher_networks
from vision.bundle import Bundle, carried
from vision.embedder import OnnxEmbedder


def test_the_embedder_laid_open_still_embeds_the_same() -> None:
    bundle = Bundle.open(carried())
    pictures = list(np.random.default_rng(0).integers(0, 255, (2, 120, 90, 3)).astype(np.uint8))
    last, middle = embedder_networks(bundle)
    assert last.vectors(pictures) == pytest.approx(OnnxEmbedder(bundle).embed(pictures), abs=1e-5)
    assert last.maps(pictures).shape[0] == 2
    assert min(middle.maps(pictures).shape[2:]) >= 10
    assert last.maps(pictures).shape[1] > middle.maps(pictures).shape[1]


def test_a_teacher_that_is_not_there_is_named(tmp_path: Path) -> None:
    found, absent = teacher_networks(tmp_path)
    assert found == []
    assert set(absent) == {teacher.words for teacher in TEACHERS}
    assert teacher_networks(None)[1].keys() == absent.keys()
