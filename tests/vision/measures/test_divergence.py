"""Templates, sightings and what is measured of them."""

import numpy as np
import pytest

from tests.vision.scenes import artwork_of, photo_of, references_of, template_of
from training.synthesis.forgery import forge
from vision.geometry.features import extract
from vision.measures import divergence
from vision.measures.divergence import MEASURES, Divergence
from vision.photo import Photo
from vision.references import enrolment
from vision.sighting import find, locate, sight
from vision.template import Template

SEED = 9_000_001


def measure(photo: Photo, template: Template) -> Divergence:
    features = extract(photo.pixels)
    found = locate(features, template) or find(photo.pixels, features, template)
    assert found is not None
    return divergence.measure(sight(photo.pixels, features, template, found), template)


def value(found: Divergence, name: str) -> float:
    return float(found.measures[MEASURES.index(name)])


def test_references_of_one_mark_become_one_template() -> None:
    template = template_of(SEED)
    assert set(template.reference_ids) == {"ref-0", "ref-1", "ref-2", "ref-3"}
    assert 0.05 < template.mark.mean() < 0.95
    assert (template.ink <= template.mark + 1e-6).all()
    known = [name not in enrolment.LEARNED for name in MEASURES]
    assert np.isfinite(template.genuine[:, known]).all()


def test_a_template_survives_its_arrays() -> None:
    template = template_of(SEED)
    again = Template.from_arrays(template.to_arrays())
    assert again.reference_ids == template.reference_ids
    assert np.array_equal(again.stack, template.stack)
    assert np.array_equal(again.valid, template.valid)
    assert [len(f) for f in again.features] == [len(f) for f in template.features]
    assert np.allclose(again.mark, template.mark, atol=1 / 255)


def test_references_of_two_marks_become_two_templates() -> None:
    others = [(f"other-{i}", photo) for i, (_, photo) in enumerate(references_of(SEED + 7, 3))]
    templates = enrolment.build([*references_of(SEED, 3), *others])
    for template in templates:
        kinds = {reference_id.split("-")[0] for reference_id in template.reference_ids}
        assert len(kinds) == 1


def test_one_reference_makes_a_template() -> None:
    (template,) = enrolment.build(references_of(SEED, 1))
    assert len(template) == 1
    assert np.isnan(template.genuine).all()


def test_divergence_from_itself_is_nothing() -> None:
    template = template_of(SEED)
    _, photo = next(pair for pair in references_of(SEED) if pair[0] == template.reference_ids[0])
    found = measure(photo, template)
    for name in ("structure", "missing", "added", "colour"):
        assert value(found, name) < 0.05, name


def test_divergence_does_not_depend_on_the_order_of_references() -> None:
    template = template_of(SEED)
    turned = template.of(np.array([0, 3, 2, 1]))
    photo = photo_of(artwork_of(SEED), 5)
    one, other = measure(photo, template), measure(photo, turned)
    for name in ("structure", "missing", "added", "colour_peak", "decorrelation"):
        assert value(one, name) == pytest.approx(value(other, name), abs=0.05), name


@pytest.mark.parametrize(
    ("kind", "name"), [("part_added", "added"), ("hue", "colour_peak"), ("part_missing", "missing")]
)
def test_an_alteration_raises_its_measure(kind: str, name: str) -> None:
    template = template_of(SEED)
    forged = forge(artwork_of(SEED), kind, 3, np.random.default_rng(4)).artwork
    genuine = np.median([value(measure(photo_of(artwork_of(SEED), s), template), name) for s in (11, 12, 13)])
    altered = np.median([value(measure(photo_of(forged, s), template), name) for s in (11, 12, 13)])
    assert altered > genuine


def test_the_map_is_worst_where_a_part_was_added() -> None:
    template = template_of(SEED)
    found = measure(photo_of(artwork_of(SEED), 11), template)
    assert found.heat.shape == template.mark.shape
    assert float(found.heat.min()) >= 0
    assert float(found.heat.max()) <= 1
    assert (found.heat[template.mark == 0] == 0).all()
