"""What a mark says against what its references say."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.vision.fakes import ColourEmbedder, InMemoryReferences, plain_scorer
from tests.vision.scenes import artwork_of, photo_of, template_of
from training.synthesis import brand
from training.synthesis.forgery import forge
from vision.calibration import Calibration, GenuineScores
from vision.faults.lettering import Lettering, Line, Reader, agreed, reader
from vision.inspection import Inspector
from vision.policy import Policy
from vision.verdict import Decision, ReasonCode

PLACE = (20.0, 80.0, 200.0, 120.0)


class Scripted:
    """Says the next of its lines at each reading."""

    def __init__(self, *texts: str, confidence: float = 0.95) -> None:
        self.texts, self.confidence = list(texts), confidence

    def read(self, pixels: NDArray[np.uint8]) -> tuple[Line, ...]:
        return (Line(self.texts.pop(0), PLACE, self.confidence),)


def lines(*texts: str) -> Sequence[Sequence[Line]]:
    return [(Line(text, PLACE, 0.9),) for text in texts]


def test_a_text_that_most_references_read_is_agreed() -> None:
    assert [line.text for line in agreed(lines("ACME", "ACME", "ACNE"))] == ["ACME"]


@pytest.mark.parametrize("texts", [("ACME",), ("ACME", "ACNE"), ("ACME", "ACME", "ACNE", "AONE"), ("AC", "AC")])
def test_nothing_is_agreed_by_one_by_half_or_about_a_monogram(texts: tuple[str, ...]) -> None:
    assert agreed(lines(*texts)) == ()


def held(says: str, magnification: float = 1.0) -> str | None:
    lettering = Lettering(Scripted("ACME", "ACME", "ACME", "ACME", says))
    found = lettering.differs(np.zeros((224, 224, 3), np.uint8), magnification, template_of(9_000_001))
    return found.words if found else None


def test_a_wrong_letter_is_named_and_a_likely_misreading_is_not() -> None:
    assert held("AGME") == "reads 'AGME', references read 'ACME'"
    assert held("ACME") is None
    assert held("Acrne") is None


def test_letters_too_small_in_the_photo_and_quite_other_words_are_not_believed() -> None:
    assert held("AGME", magnification=5.0) is None
    assert held("ZOTUN") is None


def test_references_are_read_once() -> None:
    lettering = Lettering(Scripted("ACME", "ACME", "ACME", "ACME"))
    assert lettering.expected(template_of(9_000_001)) == lettering.expected(template_of(9_000_001))


@pytest.fixture(scope="module")
def real() -> Reader:
    pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
    found = reader()
    assert found is not None
    return found


@pytest.mark.parametrize("word", ["STARBUCKS", "STARBVCKS"])
def test_rendered_text_is_read_where_it_stands(real: Reader, word: str) -> None:
    image = Image.new("RGB", (224, 224), (240, 240, 240))
    ImageDraw.Draw(image).text((20, 90), word, (20, 20, 60), ImageFont.load_default(30))
    (line,) = real.read(np.asarray(image))
    assert line.text == word
    assert line.confidence > 0.9
    assert 85 < line.box[1] < line.box[3] < 135


def test_an_empty_picture_reads_as_nothing(real: Reader) -> None:
    assert real.read(np.full((224, 224, 3), 200, np.uint8)) == ()


WORDMARK = 9_500_046  # a fictional wordmark whose photographs are read well


def inspector(policy: Policy, real: Reader, threshold: float) -> Inspector:
    genuine = GenuineScores.of("pooled", np.linspace(threshold - 1, threshold, 299))
    references = InMemoryReferences({"wordmark": WORDMARK})
    return Inspector(
        ColourEmbedder(), references, plain_scorer(), Calibration({1: genuine}), policy, None, Lettering(real)
    )


@pytest.fixture(scope="module")
def forged() -> NDArray[np.uint8]:
    return forge(artwork_of(WORDMARK), "lettering", 1, np.random.default_rng(WORDMARK)).artwork


def test_a_forged_wordmark_is_named_by_what_it_reads(real: Reader, forged: NDArray[np.uint8]) -> None:
    verdict = inspector(Policy(), real, -50.0).inspect([photo_of(forged, 7)])
    assert verdict.decision is Decision.DIVERGENT
    first = verdict.reasons[0]
    assert first.code is ReasonCode.LETTERING_DIFFERS
    expected = brand.draw(WORDMARK).lettering
    assert first.detail.endswith(f"references read {expected!r}")
    assert first.box is not None
    assert first.box[0] < first.box[2]


def test_reading_changes_neither_score_nor_decision(real: Reader, forged: NDArray[np.uint8]) -> None:
    photo = photo_of(forged, 7)
    with_words = inspector(Policy(), real, -50.0).inspect([photo])
    without = inspector(Policy(read_lettering=False), real, -50.0).inspect([photo])
    assert (with_words.score, with_words.decision, with_words.rate) == (without.score, without.decision, without.rate)
    assert ReasonCode.LETTERING_DIFFERS not in {reason.code for reason in without.reasons}


def test_what_is_not_flagged_is_not_read(forged: NDArray[np.uint8]) -> None:
    unread = Scripted()  # fails when asked to read
    assert inspector(Policy(), unread, 50.0).inspect([photo_of(forged, 7)]).decision is Decision.CONSISTENT
