"""What a template keeps of its references for the looks to come."""

import numpy as np

from tests.vision.scenes import template_of
from vision.geometry.features import luminance
from vision.geometry.registration import local_contrast, soft_contrast
from vision.template import Template

SEED = 9_000_001


def test_what_is_kept_is_what_each_reference_gives() -> None:
    template = template_of(SEED)
    for index, reference in enumerate(template.stack):
        grey = luminance(reference)
        np.testing.assert_array_equal(template.greys[index], grey)
        np.testing.assert_array_equal(template.contrast[index], local_contrast(grey))
        np.testing.assert_array_equal(template.soft_contrast[index], soft_contrast(grey))
        np.testing.assert_array_equal(template.blurred_contrast(index, 1.5), soft_contrast(grey, 1.5))


def test_it_is_worked_out_once() -> None:
    template = template_of(SEED)
    assert template.contrast is template.contrast
    assert template.blurred_contrast(0, 1.5) is template.blurred_contrast(0, 1.5)
    assert template.features[0].rooted is template.features[0].rooted


def test_a_part_of_a_template_keeps_its_own() -> None:
    template = template_of(SEED)
    rest = template.without(0)
    np.testing.assert_array_equal(rest.soft_contrast, template.soft_contrast[1:])


def test_a_part_takes_along_what_was_worked_out() -> None:
    whole, bare = template_of(SEED), template_of(SEED)
    whole.prepared().blurred_contrast(2, 1.5)
    part = whole.of(np.array([2, 0]))
    assert part.edges(0) is whole.edges(2)
    assert part.blurred_contrast(0, 1.5) is whole.blurred_contrast(2, 1.5)
    for name in ("greys", "contrast", "soft_contrast"):
        np.testing.assert_array_equal(getattr(part, name), getattr(bare, name)[[2, 0]])


def test_none_of_it_is_stored() -> None:
    fresh = Template.from_arrays(template_of(SEED).to_arrays())
    before = set(fresh.to_arrays())
    assert fresh.contrast.shape == fresh.stack.shape[:3]
    assert set(fresh.to_arrays()) == before
