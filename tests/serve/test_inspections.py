import io
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
from PIL import Image

from tests.serve import pictures
from tests.serve.running import PIPELINE_KEY, Server, code_of, parts


def inspect(client: httpx.Client, *photos: bytes, **fields: str) -> httpx.Response:
    return client.post("/v1/inspections", files=parts("photos", photos), data=fields)


def test_a_genuine_photo_is_consistent(pipeline: httpx.Client) -> None:
    answer = inspect(pipeline, pictures.photo(1, 9), claimed_brand="ACME", listing_id="l-1", seller_id="s-1")
    assert answer.status_code == 200
    verdict = answer.json()
    assert (verdict["decision"], verdict["brand"]) == ("consistent", "acme")
    assert (verdict["claimed_brand"], verdict["listing_id"], verdict["seller_id"]) == ("acme", "l-1", "s-1")
    assert verdict["source"] == "pooled"
    assert verdict["n"] == 500
    assert verdict["alpha"] == 0.01
    assert 0 < verdict["bound"] <= 0.01
    assert 1 / 501 <= verdict["p_value"] <= 1
    assert verdict["embedder"] == "layout-embedder1"
    region = verdict["photos"][0]["regions"][0]
    assert region["brand"] == "acme"
    assert all(0 <= edge <= 1 for edge in region["box"])
    assert region["nearest_reference"]


def test_an_altered_mark_diverges(pipeline: httpx.Client) -> None:
    verdict = inspect(pipeline, pictures.photo(1, 9, altered=True)).json()
    assert (verdict["decision"], verdict["brand"]) == ("divergent", "acme")
    assert verdict["reasons"]
    assert "counterfeit" not in str(verdict)


def test_a_photo_of_nothing_is_unrecognised_and_has_no_evidence(pipeline: httpx.Client) -> None:
    verdict = inspect(pipeline, pictures.noise(), claimed_brand="nobody").json()
    assert verdict["decision"] == "unrecognised"
    assert verdict["brand"] is None
    assert verdict["evidence"] is None
    assert "claimed_brand_absent" in [reason["code"] for reason in verdict["reasons"]]
    assert code_of(pipeline.get(f"/v1/inspections/{verdict['id']}/evidence")) == "evidence_absent"


def test_an_inspection_can_be_fetched_again_with_its_evidence(pipeline: httpx.Client) -> None:
    verdict = inspect(pipeline, pictures.photo(2, 9)).json()
    assert pipeline.get(f"/v1/inspections/{verdict['id']}").json() == verdict
    picture = pipeline.get(verdict["evidence"])
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(picture.content)).width > 300


def test_the_evidence_page_is_one_file_that_runs_nothing_and_escapes_names(pipeline: httpx.Client) -> None:
    sent = [("photos", ("<script>alert(1)</script>.png", pictures.photo(1, 9, altered=True), "image/png"))]
    verdict = pipeline.post("/v1/inspections", files=sent).json()
    answer = pipeline.get(verdict["evidence"], params={"format": "html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert answer.text.count("data:image/png;base64,") == 4
    assert "A photo cannot prove a counterfeit" in answer.text
    assert all(verdict[name] in answer.text for name in ("id", "gallery_version", "embedder"))
    assert code_of(pipeline.get(verdict["evidence"], params={"format": "pdf"})) == "request_invalid"


def test_a_bad_photo_is_named_beside_the_verdict_on_the_others(pipeline: httpx.Client) -> None:
    cut = pictures.photo(1, 9)[:2000]
    verdict = inspect(pipeline, b"no photo", cut, pictures.photo(1, 9, altered=True)).json()
    assert verdict["decision"] == "divergent"
    assert [photo["error"] and photo["error"]["code"] for photo in verdict["photos"]] == [
        "photo_not_image",
        "photo_truncated",
        None,
    ]
    assert [bool(photo["regions"]) for photo in verdict["photos"]] == [False, False, True]
    assert {reason["photo"] for reason in verdict["reasons"]} == {2}  # the place among the photos sent


def test_copies_are_named_by_their_place_among_the_photos_sent(pipeline: httpx.Client) -> None:
    photo = pictures.photo(1, 9)
    alone, twice = (inspect(pipeline, *sent).json() for sent in ([photo], [b"no photo", photo, photo]))
    assert [each["copy_of"] for each in twice["photos"]] == [None, None, 1]
    assert [bool(each["regions"]) for each in twice["photos"]] == [False, True, False]
    assert (twice["decision"], twice["score"]) == (alone["decision"], alone["score"])


def test_photos_of_two_brands_are_both_named(pipeline: httpx.Client) -> None:
    verdict = inspect(pipeline, b"no photo", pictures.photo(1, 9), pictures.photo(2, 9)).json()
    (reason,) = [reason for reason in verdict["reasons"] if reason["code"] == "several_brands"]
    assert verdict["photos"][reason["photo"]]["regions"][0]["brand"] != verdict["brand"]


def test_a_listing_that_says_it_is_of_no_brand(pipeline: httpx.Client) -> None:
    verdict = inspect(pipeline, pictures.photo(1, 9), unbranded="true").json()
    assert verdict["unbranded"] is True
    assert "unclaimed_mark" in [reason["code"] for reason in verdict["reasons"]]
    assert "unclaimed_mark" not in str(inspect(pipeline, pictures.photo(1, 9), unbranded="false").json())
    assert code_of(inspect(pipeline, pictures.photo(1, 9), unbranded="maybe")) == "form_invalid"
    both = inspect(pipeline, pictures.photo(1, 9), unbranded="true", claimed_brand="acme")
    assert (both.status_code, code_of(both)) == (422, "form_invalid")


def test_when_all_photos_are_bad_each_is_named(pipeline: httpx.Client) -> None:
    answer = inspect(pipeline, b"no photo", pictures.plain(8, 8))
    assert answer.status_code == 422
    assert code_of(answer) == "files_refused"
    files = answer.json()["files"]
    assert [(file["index"], file["code"]) for file in files] == [(0, "photo_not_image"), (1, "photo_too_small")]


def test_twelve_photos_are_inspected_and_thirteen_refused(pipeline: httpx.Client) -> None:
    small = pictures.plain(40, 40)
    assert len(inspect(pipeline, *[small] * 12).json()["photos"]) == 12
    answer = inspect(pipeline, *[small] * 13)
    assert answer.status_code == 413
    assert code_of(answer) == "too_many_files"


def test_an_inspection_never_made_is_unknown(pipeline: httpx.Client) -> None:
    for path in (f"/v1/inspections/{uuid.uuid4()}", "/v1/inspections/x/evidence"):
        answer = pipeline.get(path)
        assert answer.status_code == 404
        assert code_of(answer) == "inspection_unknown"


def test_sixteen_at_once_each_get_their_own_answer(server: Server) -> None:
    def ask(index: int) -> tuple[str, str]:
        with server.client(PIPELINE_KEY) as client:
            answer = inspect(client, pictures.photo(1 + index % 2, 9), listing_id=f"l-{index}")
        assert answer.status_code == 200, answer.text
        return answer.json()["brand"], answer.json()["listing_id"]

    with ThreadPoolExecutor(16) as askers:
        answers = list(askers.map(ask, range(16)))
    assert answers == [(("acme", "zenith")[index % 2], f"l-{index}") for index in range(16)]


def test_inspections_are_listed_by_what_was_decided(pipeline: httpx.Client) -> None:
    flagged = inspect(pipeline, pictures.photo(1, 3, altered=1), listing_id="L-9").json()
    plain = inspect(pipeline, pictures.photo(2, 3)).json()
    (newest, *_) = pipeline.get("/v1/inspections").json()["inspections"]
    assert (newest["id"], newest["decision"], newest["brand"]) == (plain["id"], "consistent", "zenith")
    assert newest["set_version"] == plain["set_version"] > 0

    asked = {"decision": "divergent", "brand": "acme", "since": flagged["created_at"]}
    page = pipeline.get("/v1/inspections", params=asked).json()
    assert [(each["id"], each["listing_id"]) for each in page["inspections"]] == [(flagged["id"], "L-9")]
    assert (page["organisation"], page["next"]) == ("operator", None)

    first = pipeline.get("/v1/inspections", params={"limit": 1}).json()
    assert first["next"] == plain["id"]
    second = pipeline.get("/v1/inspections", params={"limit": 1, "after": first["next"]}).json()
    assert [each["id"] for each in second["inspections"]] == [flagged["id"]]


def test_a_list_that_makes_no_sense_is_refused(pipeline: httpx.Client, admin: httpx.Client) -> None:
    for asked in ({"limit": 1001}, {"limit": 0}, {"decision": "fake"}, {"since": "yesterday"}):
        assert code_of(pipeline.get("/v1/inspections", params=asked)) == "request_invalid"
    assert code_of(pipeline.get("/v1/inspections", params={"after": "none"})) == "inspection_unknown"
    assert code_of(admin.get("/v1/inspections", params={"organisation": "nobody"})) == "organisation_unknown"
