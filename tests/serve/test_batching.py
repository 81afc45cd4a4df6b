import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from serve.batching import BatchingEmbedder
from tests.serve.fakes import CountingEmbedder, LayoutEmbedder


class SlowEmbedder(CountingEmbedder):
    """Takes a while, so that callers queue up; refuses an all-black image."""

    def embed(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        time.sleep(0.02)
        if any(not image.any() for image in images):
            raise ValueError("a black image")
        return super().embed(images)


@pytest.fixture
def counting() -> SlowEmbedder:
    return SlowEmbedder()


@pytest.fixture
def batching(counting: SlowEmbedder) -> Iterator[BatchingEmbedder]:
    embedder = BatchingEmbedder(counting, max_batch=8, max_wait_ms=5)
    yield embedder
    embedder.close()


def image(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(1, 255, (20, 30, 3), dtype=np.uint8)


def test_it_is_the_embedder_it_wraps(batching: BatchingEmbedder) -> None:
    assert (batching.fingerprint, batching.dim) == (LayoutEmbedder.fingerprint, LayoutEmbedder.dim)


def test_callers_at_once_share_batches_and_each_get_their_own(
    batching: BatchingEmbedder, counting: SlowEmbedder
) -> None:
    asked = [[image(index)] * (1 + index % 3) for index in range(24)]
    with ThreadPoolExecutor(12) as callers:
        answers = list(callers.map(batching.embed, asked))
    alone = LayoutEmbedder()
    for images, vectors in zip(asked, answers, strict=True):
        np.testing.assert_allclose(vectors, alone.embed(images), atol=1e-6)
    assert len(counting.batches) < 24
    assert max(counting.batches) <= 8 + 2  # the last to join may bring three images


def test_one_callers_fault_is_no_others(batching: BatchingEmbedder) -> None:
    good, black = [image(1)], [np.zeros((20, 30, 3), np.uint8)]
    with ThreadPoolExecutor(4) as callers:
        answers = [callers.submit(batching.embed, images) for images in (good, black, good, good)]
    assert [answer.exception() is None for answer in answers] == [True, False, True, True]


def test_closing_answers_what_was_asked(counting: SlowEmbedder) -> None:
    batching = BatchingEmbedder(counting, max_batch=8, max_wait_ms=1000)
    with ThreadPoolExecutor(2) as callers:
        answers = [callers.submit(batching.embed, [image(index)]) for index in range(2)]
        time.sleep(0.05)  # both wait for company
        batching.close()
        assert [answer.result(timeout=60).shape for answer in answers] == [(1, 192)] * 2
    assert counting.batches == [2]
