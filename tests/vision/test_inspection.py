"""The product in one function: photos in, verdict out."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.vision.fakes import ColourEmbedder, InMemoryReferences, plain_scorer
from tests.vision.scenes import artwork_of, photo_of
from training.synthesis.forgery import forge
from vision.calibration import Calibration, GenuineScores
from vision.errors import BrandUnknown
from vision.evidence import picture
from vision.inspection import Inspector
from vision.photo import Photo
from vision.policy import Policy
from vision.verdict import Decision, ReasonCode

ACME, BOLT = 9_000_001, 9_000_008


@pytest.fixture(scope="module")
def references() -> InMemoryReferences:
    return InMemoryReferences({"acme": ACME, "bolt": BOLT})


def inspector_of(references: InMemoryReferences, threshold: float, n: int = 299) -> Inspector:
    genuine = GenuineScores.of("pooled", np.linspace(threshold - 1, threshold, n))
    return Inspector(ColourEmbedder(), references, plain_scorer(), Calibration({1: genuine}), Policy())


def test_a_genuine_photo_is_consistent(references: InMemoryReferences) -> None:
    verdict = inspector_of(references, 50.0).inspect([photo_of(artwork_of(ACME), 21)])
    assert (verdict.decision, verdict.brand) == (Decision.CONSISTENT, "acme")
    assert verdict.rate.p_value == 1.0
    assert verdict.rate.source == "pooled"
    (region,) = verdict.photos[0].regions
    assert region.nearest_reference.startswith("ref-")
    assert region.box[0] < region.box[2]
    assert region.box[1] < region.box[3]


def test_what_exceeds_the_genuine_scores_is_divergent_with_reasons(references: InMemoryReferences) -> None:
    forged = forge(artwork_of(ACME), "hue", 3, np.random.default_rng(1)).artwork
    verdict = inspector_of(references, -50.0).inspect([photo_of(forged, 21)])
    assert (verdict.decision, verdict.brand) == (Decision.DIVERGENT, "acme")
    assert verdict.rate.p_value == pytest.approx(1 / 300)
    assert verdict.rate.bound is not None
    assert verdict.rate.bound <= 0.01
    assert ReasonCode.COLOUR_OFF in {reason.code for reason in verdict.reasons}


def test_thin_calibration_is_undecided_whatever_the_score(references: InMemoryReferences) -> None:
    verdict = inspector_of(references, -50.0, n=50).inspect([photo_of(artwork_of(ACME), 21)])
    assert (verdict.decision, verdict.brand) == (Decision.UNDECIDED, "acme")
    assert [reason.code for reason in verdict.reasons] == [ReasonCode.THIN_CALIBRATION]


def test_a_strangers_photo_is_unrecognised(references: InMemoryReferences) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    verdict = inspector_of(references, 0.0).inspect([Photo(noise, "0", "PNG")])
    assert (verdict.decision, verdict.brand, verdict.score) == (Decision.UNRECOGNISED, None, None)
    assert verdict.photos[0].regions == ()


def test_a_claim_that_the_photos_contradict_is_named(references: InMemoryReferences) -> None:
    verdict = inspector_of(references, 50.0).inspect([photo_of(artwork_of(ACME), 21)], claimed_brand="bolt")
    codes = {reason.code for reason in verdict.reasons}
    assert {ReasonCode.CLAIMED_BRAND_ABSENT, ReasonCode.CLAIMED_BRAND_CONTRADICTED} <= codes


def test_copies_of_a_photo_are_looked_at_once_and_change_nothing(references: InMemoryReferences) -> None:
    inspector, photo = inspector_of(references, 50.0), photo_of(artwork_of(ACME), 21)
    alone, thrice = inspector.inspect([photo]), inspector.inspect([photo, photo, photo])
    assert (thrice.decision, thrice.score, thrice.reasons) == (alone.decision, alone.score, alone.reasons)
    assert [found.copy_of for found in thrice.photos] == [None, 0, 0]
    assert [len(found.regions) for found in thrice.photos] == [1, 0, 0]


def test_photos_of_two_brands_are_named(references: InMemoryReferences) -> None:
    photos = [photo_of(artwork_of(brand), seed) for brand, seed in ((ACME, 21), (BOLT, 22))]
    verdict = inspector_of(references, 50.0).inspect(photos)
    assert verdict.decision is Decision.CONSISTENT
    (reason,) = verdict.reasons
    assert reason.code is ReasonCode.SEVERAL_BRANDS
    assert reason.photo is not None
    assert verdict.photos[reason.photo].regions[0].brand != verdict.brand


def test_a_mark_of_a_listing_that_says_it_has_none_is_named(references: InMemoryReferences) -> None:
    inspector, photo = inspector_of(references, 50.0), photo_of(artwork_of(ACME), 21)
    assert inspector.inspect([photo]).reasons == ()
    (reason,) = inspector.inspect([photo], unbranded=True).reasons
    assert (reason.code, reason.photo) == (ReasonCode.UNCLAIMED_MARK, 0)


def test_an_empty_gallery_recognises_nothing() -> None:
    verdict = inspector_of(InMemoryReferences({}), 0.0).inspect([photo_of(artwork_of(ACME), 21)])
    assert verdict.decision is Decision.UNRECOGNISED


def test_the_clearest_photo_decides_not_the_worst_score(references: InMemoryReferences) -> None:
    inspector = inspector_of(references, 50.0)
    photos = [photo_of(artwork_of(ACME), seed) for seed in (21, 22, 23)]
    found = [inspector.recogniser.recognise(photo) for photo in photos]
    clearest = max((r for per_photo in found for r in per_photo), key=lambda r: r.recognition)
    assert inspector.decide(found).score == clearest.score


def test_a_photo_can_be_held_against_any_brand(references: InMemoryReferences) -> None:
    recogniser = inspector_of(references, 0.0).recogniser
    photo = photo_of(artwork_of(ACME), 21)
    assert np.isfinite(recogniser.hold(photo, "acme").score)
    assert np.isfinite(recogniser.hold(photo, "bolt").score)
    with pytest.raises(BrandUnknown, match="other"):
        recogniser.hold(photo, "other")


def test_evidence_is_a_picture_of_what_was_decided(references: InMemoryReferences) -> None:
    photo = photo_of(artwork_of(ACME), 21)
    verdict = inspector_of(references, -50.0).inspect([photo])
    image = Image.open(io.BytesIO(picture(photo, verdict.photos[0].regions[0], verdict)))
    assert image.format == "PNG"
    assert image.width > 4 * 300
    assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 1000
