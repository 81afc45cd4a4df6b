"""Upload jobs on each kind of database: durable, one worker at a time, done once; nothing of them left behind."""

from datetime import timedelta

import pytest

from index.metadata import Metadata
from index.reference_set import FileResult, Note
from index.store import Claim, Store
from index.store import jobs as jobs_module
from index.store.jobs import Job, Sent
from index.store.leases import MOST_ATTEMPTS
from index.upload_job import look_through, settle
from tests.index.pictures import photo
from vision.errors import AnswerUnknown, BlobDamaged, IdempotencyKeyReused, JobUnknown
from vision.photo import Photo, PhotoLimits

FILES = (
    Sent("a.jpg", photo(1), Metadata(sku="S-1")),
    Sent("again.jpg", photo(1), Metadata()),
    Sent("no.jpg", b"no photo", Metadata()),
    Sent("b.jpg", photo(2), Metadata()),
)


class BlindEye:
    """Doubts nothing."""

    def doubts(self, photo: Photo, brand: str) -> tuple[Note, ...]:
        return ()


def said(result: FileResult) -> str:
    return f"{result.status.value}:{result.name}"


def received(store: Store, claim: Claim | None = None) -> str:
    return store.jobs.receive("acme", FILES, lambda job: job, claim=claim)


def worked_on(store: Store, job: Job, worker: str) -> None:
    while look_through(store, job, worker, PhotoLimits(), BlindEye(), said):
        pass


def claimed(store: Store, worker: str) -> Job:
    job = store.jobs.claim(worker)
    assert job is not None
    return job


def test_a_job_is_done_by_one_worker_and_its_files_join_in_one_version(store: Store) -> None:
    name = received(store)
    job = claimed(store, "one")
    assert (job.id, store.jobs.claim("two")) == (name, None)
    assert store.jobs.get("acme", name).state == "running"
    worked_on(store, job, "one")
    change = settle(store, job, "one", said)
    assert (change.count, settle(store, job, "one", said).count) == (2, 0)
    done = store.jobs.get("acme", name)
    assert (done.state, done.version, done.counts) == (
        "done",
        change.version,
        {"accepted": 2, "duplicate": 1, "refused": 1},
    )
    results = [file.result for file in store.jobs.files(name)]
    assert results == ["accepted:a.jpg", "duplicate:again.jpg", "refused:no.jpg", "accepted:b.jpg"]
    assert [each.metadata.sku for each in store.references("acme")] == ["S-1", None]
    assert len(store.versions.of("acme")) == 1
    with pytest.raises(JobUnknown):
        store.jobs.get("acme", "none")


def test_an_upload_that_comes_again_is_answered_as_before(store: Store) -> None:
    claim = Claim("mine", "0" * 64)
    with pytest.raises(AnswerUnknown):
        store.jobs.answered("acme", "mine")
    name = received(store, claim)
    assert received(store, claim) == name == store.jobs.answered("acme", "mine")
    assert claimed(store, "one").id == name
    assert store.jobs.claim("one") is None
    with pytest.raises(IdempotencyKeyReused):
        received(store, Claim("mine", "1" * 64))


def test_what_a_dead_worker_had_is_gone_on_with_by_another(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    received(store)
    monkeypatch.setattr(jobs_module, "HELD_FOR", timedelta(0))
    dead = claimed(store, "dead")
    taken_over = claimed(store, "alive")
    worked_on(store, taken_over, "alive")
    assert settle(store, dead, "dead", said).count == 0
    assert settle(store, taken_over, "alive", said).count == 2


def test_a_job_that_is_begun_in_vain_too_often_fails_and_leaves_no_photo(store: Store) -> None:
    name = received(store)
    for _ in range(MOST_ATTEMPTS):
        claimed(store, "one")
        store.jobs.release("one")  # which spares the attempt
    assert store.sweep() == 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jobs_module, "HELD_FOR", timedelta(0))
        for _ in range(MOST_ATTEMPTS):
            claimed(store, "unlucky")
        assert store.jobs.claim("unlucky") is None
    assert store.jobs.get("acme", name).state == "failed"
    assert store.sweep() == len({sent.data for sent in FILES})
    digest = store.jobs.files(name)[0].sha256
    assert digest is not None
    with pytest.raises(BlobDamaged):
        store.blob(digest)


def test_a_failed_job_takes_no_photo_from_the_set(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    received(store)
    monkeypatch.setattr(jobs_module, "HELD_FOR", timedelta(0))
    for _ in range(MOST_ATTEMPTS):
        claimed(store, "unlucky")
    assert store.jobs.claim("unlucky") is None
    received(store)
    job = claimed(store, "lucky")
    worked_on(store, job, "lucky")
    settle(store, job, "lucky", said)
    store.sweep()
    assert [store.blob(each.sha256) for each in store.references("acme")] == [photo(1), photo(2)]


def test_what_is_found_of_an_inspection_is_kept_and_its_look_remembered(store: Store) -> None:
    prints = [1, 2**64 - 1]
    store.inspections.put("seen", "{}", fingerprints=prints)
    assert store.reviews.put("seen", "acme", "counterfeit").photos == 2
    assert sorted(store.reviews.counterfeits("acme").tolist()) == prints
    store.reviews.put("seen", "acme", "genuine")
    assert store.reviews.counterfeits("acme").tolist() == []
    assert [(each.inspection, each.finding) for each in store.reviews.of("acme")] == [("seen", "genuine")]
    assert [line.action for line in store.trail.of(None)][:2] == ["inspection.reviewed"] * 2
