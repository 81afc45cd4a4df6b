"""The evidence page: what it says of a rate, and that it is one file."""

import io
import re
from datetime import UTC, datetime

from PIL import Image

from tests.vision.fakes import InMemoryReferences
from tests.vision.scenes import artwork_of, photo_of
from tests.vision.test_inspection import ACME, inspector_of
from vision.evidence import CAPTIONS, PANEL_PX, panels_of, picture
from vision.evidence_page import Occasion, page, sureness
from vision.verdict import Rate


def test_a_flag_is_laid_out_with_its_reasons_and_escaped_names() -> None:
    photo = photo_of(artwork_of(ACME), 21)
    verdict = inspector_of(InMemoryReferences({"acme": ACME}), -50.0).inspect([photo])
    shown = picture(photo, verdict.photos[0].regions[0], verdict)
    assert [caption for caption, _ in panels_of(shown)] == list(CAPTIONS)
    assert {panel.size for _, panel in panels_of(shown)} == {(PANEL_PX, PANEL_PX)}
    text = page(verdict, Occasion(["<b>.jpg"], datetime(2026, 1, 2, tzinfo=UTC), "acme"), shown)
    assert "2 January 2026" in text
    assert "&lt;b&gt;.jpg" in text
    assert all(reason.code.value in text for reason in verdict.reasons)
    assert not re.search(r'(src|href)="(?!data:)', text)
    Image.open(io.BytesIO(shown)).verify()


def test_the_rate_is_said_in_words_with_number_source_and_bound() -> None:
    said = " ".join(sureness(Rate(0.002, 0.01, 499, "pooled", 0.0099)))
    assert all(part in said for part in ("0.0020", "1%", "499", "other brands", "0.99%"))


def test_a_batch_decided_together_states_no_rate_of_false_flags() -> None:
    said = " ".join(sureness(Rate(0.002, 0.01, 499, "pooled", None), fdr=0.1))
    assert "10% of the batch's flags" in said
    assert "1% of genuine" not in said


def test_what_is_not_known_of_a_rate_is_said() -> None:
    said = " ".join(sureness(Rate(None, 0.01, 0, "none", None)))
    assert "No p-value" in said
    assert "No upper bound" in said
