"""The build runs in a process of its own, which may die and whose faults are told here."""

import os
import pickle
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import GalleryBuilder
from index.store import Store
from serve.app import Opened, open_bundle
from serve.build_process import BuildProcess, BuiltApart
from serve.settings import Settings
from tests.index.pictures import additions
from tests.serve.conftest import enrol
from tests.serve.fakes import LayoutEmbedder, open_fake
from tests.serve.running import served, settings_of, wait_for, wait_until_searchable
from tests.serve.test_faults import inspect, upload
from vision.embedder import Embedder
from vision.errors import BuildInterrupted, FingerprintMismatch


def layout(settings: Settings) -> Embedder:
    """By name, so that another process finds it."""
    return LayoutEmbedder()


def refuse(settings: Settings) -> Embedder:
    raise FingerprintMismatch("this bundle is another's")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path)
    opened.put_brand("acme")
    opened.put_references("acme", additions(1, 2))
    yield opened
    opened.close()


@pytest.fixture
def building(store: Store, tmp_path: Path) -> Iterator[BuiltApart]:
    process = BuildProcess(settings_of(tmp_path), layout)
    yield BuiltApart(process, "gallery", store, LayoutEmbedder.fingerprint)
    process.close()


def pid_of(building: BuiltApart) -> int:
    process = building.process.process
    assert process is not None
    assert process.pid is not None
    return process.pid


def test_it_builds_apart_and_follows(building: BuiltApart, store: Store) -> None:
    assert building.current().brands == ("acme",)
    assert pid_of(building) != os.getpid()
    first = pid_of(building)
    store.put_brand("bolt")
    store.put_references("bolt", additions(2))
    assert building.current().brands == ("acme", "bolt")
    assert pid_of(building) == first


def test_a_gallery_that_is_there_is_not_waited_for(building: BuiltApart, store: Store) -> None:
    built = GalleryBuilder(store, LayoutEmbedder(), building.directory).current()
    building.process.started()
    os.kill(pid_of(building), signal.SIGSTOP)
    assert building.current().version == built.version


def test_one_that_dies_is_named_and_replaced(building: BuiltApart, store: Store) -> None:
    before = building.current().version
    store.put_references("acme", additions(1, 1, first=2))
    os.kill(pid_of(building), signal.SIGSTOP)  # so that the build is under way when it is killed
    victim = pid_of(building)
    killer = os.fork()
    if killer == 0:
        time.sleep(0.5)
        os.kill(victim, signal.SIGKILL)
        os._exit(0)
    with pytest.raises(BuildInterrupted, match="another is started"):
        building.current()
    os.waitpid(killer, 0)
    assert building.current().version != before


def test_its_faults_are_told_by_name(store: Store, tmp_path: Path) -> None:
    process = BuildProcess(settings_of(tmp_path), refuse)
    building = BuiltApart(process, "gallery", store, "any")
    try:
        with pytest.raises(FingerprintMismatch, match="another's"):
            building.current()
    finally:
        process.close()
    with pytest.raises(BuildInterrupted, match="stopping"):
        building.current()


def test_one_process_builds_the_baselines_too(building: BuiltApart, store: Store) -> None:
    building.current()
    store.rollouts.put("acme", 0.5)
    store.put_references("acme", additions(2))
    baselines = BuiltApart(building.process, "baselines", store, LayoutEmbedder.fingerprint)
    assert (len(baselines.current()), len(building.current())) == (4, 6)


@pytest.mark.slow
def test_a_served_change_is_built_apart_and_damage_is_mended(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, build_apart=True)
    with served(settings, open_fake) as server, server.client() as admin:
        wait_until_searchable(admin, enrol(admin, "acme", 1))
        assert inspect(admin).json()["brand"] == "acme"
        for shard in (tmp_path / "gallery" / "shards").glob("*.shard"):
            with shard.open("r+b") as file:
                size = file.seek(0, 2)
                file.seek(0)
                file.write(b"\xff" * size)
        assert inspect(admin).status_code == 503
        wait_for(lambda: inspect(admin).status_code == 200)
        said = wait_until_searchable(admin, upload(admin, 2).json()["version"])
        assert said["put_to_searchable_s"] > 0


def test_the_process_that_builds_opens_the_bundle_by_itself() -> None:
    """What the service has open stays with it."""
    model = open_fake(settings_of(Path("unused")))
    assert Opened(model)(settings_of(Path("unused"))) is model
    assert pickle.loads(pickle.dumps(Opened(model))) is open_bundle
