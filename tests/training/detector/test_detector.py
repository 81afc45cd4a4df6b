"""The detector's recipe: targets, loss, crops, a run that learns, and its export."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.synthesis.scene.marks import cast
from training.config import load_as
from training.detector import scene_set, train
from training.detector.batches import batches, gather, held_out
from training.detector.config import DetectorConfig, NetworkConfig
from training.detector.export import FILE, LARGEST_DIFFERENCE, export
from training.detector.loss import detection_loss, overlaps
from training.detector.network import STRIDES, DetectorNetwork, cells, parameters
from training.detector.scene_set import SceneSet
from training.detector.targets import IGNORED, NONE, Grid, assign
from training.pair_set import Sources
from training.synthesis.scene import compose
from vision.errors import ConfigurationError
from vision.regions.boxes import iou
from vision.regions.detector import Detector

CONFIG = Path(__file__).parents[3] / "configs" / "train" / "detector.yaml"
TINY = [
    "network.stem_channels=8",
    "network.channels=[8, 16, 16, 16]",
    "network.blocks=[1, 1, 1, 1]",
    "network.head_channels=16",
    "scenes.batch=4",
    "scenes.crop_px=128",
    "scenes.held_out_every=2",
    "schedule.precision=fp32",
    "schedule.steps=4",
    "schedule.warmup_steps=1",
    "schedule.judge_every_steps=2",
    "schedule.judged_scenes=4",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two chunks of six small scenes."""
    folder = tmp_path_factory.mktemp("scenes")
    for chunk in range(2):
        rngs = np.random.default_rng(chunk).spawn(6)
        scene_set._save([compose(cast(), rng, 192) for rng in rngs], folder / f"chunk-{chunk:04d}.npz")
    return folder


@pytest.fixture
def settings(tmp_path: Path, cache: Path) -> DetectorConfig:
    return load_as(DetectorConfig, CONFIG, [*TINY, f"scenes.cache={cache}", f"runs={tmp_path}"])


def test_the_shipped_config_loads_opens_with_its_header_and_is_closed() -> None:
    assert load_as(DetectorConfig, CONFIG).name == CONFIG.stem
    words = [line.split(":")[0] for line in CONFIG.read_text().splitlines()[:4]]
    assert words == ["# purpose", "# cost", "# expected", "# command"]
    with pytest.raises(ConfigurationError, match=r"choose from .*crop_px"):
        load_as(DetectorConfig, CONFIG, ["scenes.speed=1"])


def test_the_shipped_network_is_small() -> None:
    assert 4 * parameters(DetectorNetwork(NetworkConfig())) < 6 * 2**20


# --- which cell answers -------------------------------------------------------------------------


def test_cells_lie_in_reading_order_with_their_middles_inside() -> None:
    assert cells(2, 3, 8).tolist() == [[4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12]]
    assert len(Grid.of(64, 96).middles) == sum(64 * 96 // stride**2 for stride in STRIDES)


@pytest.mark.parametrize(
    ("box", "stride"), [((20, 20, 40, 44), 8), ((10, 10, 90, 90), 16), ((0, 0, 128, 128), 32), ((3, 40, 120, 50), 8)]
)
def test_a_mark_is_answered_for_near_its_middle_on_the_level_of_its_size(
    box: tuple[int, int, int, int], stride: int
) -> None:
    grid = Grid.of(128, 128)
    answer = assign(grid, torch.tensor([box], dtype=torch.float32), torch.tensor([True]))
    mine = answer == 0
    assert mine.any()
    assert set(grid.stride[mine].tolist()) == {stride}
    middle = torch.tensor([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
    assert ((grid.middles[mine] - middle).abs().amax(1) <= 1.5 * stride).all()


def test_of_two_marks_the_smaller_one_is_answered_for() -> None:
    grid = Grid.of(128, 128)
    boxes = torch.tensor([[10.0, 10.0, 50.0, 50.0], [22.0, 22.0, 38.0, 38.0]])
    answer = assign(grid, boxes, torch.tensor([True, True]))
    middle = int((grid.middles - 30).abs().sum(1).argmin())
    assert answer[middle] == 1


def test_a_mark_not_asked_for_is_ignored_and_one_too_thin_still_has_a_cell() -> None:
    grid = Grid.of(128, 128)
    boxes = torch.tensor([[0.0, 0.0, 40.0, 40.0], [60.0, 60.9, 100.0, 62.9]])
    answer = assign(grid, boxes, torch.tensor([False, True]))
    assert (answer == 0).sum() == 0
    assert (answer == 1).sum() >= 1
    assert (answer == IGNORED).any()
    assert (assign(grid, boxes[:0], torch.zeros(0, dtype=torch.bool)) == NONE).all()


def test_overlaps_are_those_of_vision_and_distance_is_seen_by_the_generalised_one() -> None:
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 50, (2, 20, 2))
    one, other = (np.concatenate([c, c + rng.uniform(1, 40, (20, 2))], 1) for c in corner)
    plain, generalised = overlaps(torch.from_numpy(one), torch.from_numpy(other))
    assert plain.numpy() == pytest.approx(np.diag(iou(one, other)), abs=1e-6)
    assert (generalised <= plain + 1e-6).all()
    apart = torch.tensor([[0.0, 0.0, 1.0, 1.0]] * 2), torch.tensor([[2.0, 0.0, 3.0, 1.0], [9.0, 0.0, 10.0, 1.0]])
    near, far = overlaps(*apart)[1].tolist()
    assert far < near < 0


# --- crops --------------------------------------------------------------------------------------


def test_a_step_has_its_batch_and_marks_lie_in_their_crops(cache: Path, settings: DetectorConfig) -> None:
    scenes = SceneSet.load(cache)
    assert len(scenes) == 12
    first, again = next(batches(scenes, settings, 3)), next(batches(scenes, settings, 3))
    assert torch.equal(first.pixels, again.pixels)
    assert first.pixels.shape == (4, 3, 128, 128)
    for _, batch in zip(range(6), batches(scenes, settings), strict=False):
        for boxes in batch.boxes:
            assert (boxes[:, 2:] > boxes[:, :2]).all()
            assert ((boxes >= 0) & (boxes <= 128)).all()


def test_a_crop_without_change_keeps_a_scene_as_it_is(cache: Path, settings: DetectorConfig) -> None:
    still = {"zoom": (1.0, 1.0), "flip_share": 0.0, "gain": 0.0, "grey_share": 0.0, "noise": 0.0, "on_mark_share": 0.0}
    whole = settings.model_copy(
        update={
            "augment": settings.augment.model_copy(update=still),
            "scenes": settings.scenes.model_copy(update={"crop_px": 192, "batch": 1}),
        }
    )
    scenes = SceneSet.load(cache).where(np.arange(12) == 2)
    batch = next(batches(scenes, whole))
    pixels, marks = scenes.pixels(0), scenes.boxes[0]
    rows, columns = torch.nonzero((batch.pixels[0] != 114).any(0), as_tuple=True)
    top, left = int(rows.min()), int(columns.min())
    seen = batch.pixels[0].permute(1, 2, 0).numpy()[top : top + pixels.shape[0], left : left + pixels.shape[1]]
    assert np.abs(seen.astype(int) - pixels).mean() < 2
    moved = batch.boxes[0].numpy() - np.array([left, top, left, top])
    assert moved == pytest.approx(marks[:, :4], abs=1.5)


def test_marks_that_are_hardly_seen_or_tiny_are_not_asked_for(settings: DetectorConfig) -> None:
    marks = np.array([[0, 0, 50, 50, 0.9], [0, 0, 50, 50, 0.1], [0, 0, 5, 5, 1.0]], np.float32)
    batch = gather([(np.zeros((64, 64, 3), np.uint8), marks)], settings.objective)
    assert batch.asked[0].tolist() == [True, False, False]


def test_whole_chunks_judge(cache: Path) -> None:
    scenes = SceneSet.load(cache)
    assert held_out(scenes, 2).tolist() == [False] * 6 + [True] * 6


# --- learning -----------------------------------------------------------------------------------


def test_a_few_steps_lower_the_loss(cache: Path, settings: DetectorConfig) -> None:
    trainer, batch = train.Trainer.of(settings), next(batches(SceneSet.load(cache), settings))
    losses = [trainer.step(batch, 5e-3) for _ in range(12)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_batch_without_marks_can_be_learned_from(settings: DetectorConfig) -> None:
    empty = np.zeros((0, 5), np.float32)
    batch = gather([(np.zeros((128, 128, 3), np.uint8), empty)] * 2, settings.objective)
    network = DetectorNetwork(settings.network)
    boxes, logits = network(batch.pixels.float() / 255)
    loss = detection_loss(boxes, logits, batch, Grid.of(128, 128), settings.objective)
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)


def test_a_run_keeps_its_best_and_goes_on_where_it_stopped(settings: DetectorConfig) -> None:
    half = settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"steps": 2})})
    folder = train.train(half)
    assert train.train(settings) == folder
    lines = (folder / "metrics.csv").read_text().splitlines()
    assert lines[0].startswith("step,minutes,loss,precision")
    assert [line.split(",")[0] for line in lines[1:]] == ["2", "4"]
    found = Detector(folder / FILE).detect(np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8))
    assert all(0 <= edge <= 1 for one in found for edge in one.box)


def test_the_export_agrees_with_torch_at_other_sizes(tmp_path: Path) -> None:
    assert export(DetectorNetwork(NetworkConfig()).eval(), tmp_path / "one.onnx") < LARGEST_DIFFERENCE


def test_chunks_that_are_there_are_kept_and_fictional_brands_suffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_set, "CHUNK", 3)
    monkeypatch.setattr(scene_set, "POOL", 4)
    monkeypatch.setattr(scene_set, "LONG_SIDE_PX", 160)
    first = list(scene_set.write(Sources((), 0), tmp_path, 6))
    before = first[0].stat().st_mtime_ns
    assert [path.name for path in scene_set.write(Sources((), 0), tmp_path, 9)][-1] == "chunk-0002.npz"
    assert first[0].stat().st_mtime_ns == before
    assert len(SceneSet.load(tmp_path)) == 9
    with pytest.raises(ConfigurationError, match=r"training\.detector\.scene_set"):
        SceneSet.load(tmp_path / "nowhere")
