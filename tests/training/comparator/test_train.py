"""A tiny comparator from pairs to a served file."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: train)")

from training import checkpoint  # noqa: E402
from training.comparator import train  # noqa: E402
from training.comparator.augmentation import NO_FAULT, augmented  # noqa: E402
from training.comparator.batches import batches, held_out  # noqa: E402
from training.comparator.config import ComparatorConfig, NetworkConfig  # noqa: E402
from training.comparator.export import FILE, LARGEST_DIFFERENCE, export  # noqa: E402
from training.comparator.judge import UNSEEN, covered, judge, report  # noqa: E402
from training.comparator.network import Comparator  # noqa: E402
from training.config import load_as  # noqa: E402
from training.pair_set import PairSet  # noqa: E402
from vision.bundle import carried  # noqa: E402
from vision.errors import ConfigurationError  # noqa: E402
from vision.measures import comparator as served  # noqa: E402

CONFIG = Path(__file__).parents[3] / "configs" / "train" / "comparator.yaml"
TINY = (
    "pairs.batch=16",
    "pairs.held_out_every=2",
    "network={fine_channels: 8, coarse_channels: 8, head_channels: 16}",
    "schedule={steps: 6, warmup_steps: 1, judge_every_steps: 3, judged_brands: 2, precision: fp32}",
)


@pytest.fixture(scope="module")
def pairs() -> PairSet:
    """Discs as marks; forged ones lack a quarter."""
    rng = np.random.default_rng(0)
    b, k, n, side = 4, 2, 4, served.PAIR_PX
    y, x = np.mgrid[:side, :side] - side // 2
    disc, quarter = np.hypot(x, y) < 3 * side // 8, (x > 0) & (y > 0)
    colours = rng.integers(0, 256, (b, 2, 3))
    genuine = np.where(disc[None, ..., None], colours[:, 0, None, None], colours[:, 1, None, None])
    forged = np.where(quarter[None, ..., None], colours[:, 1, None, None], genuine)
    listings = np.stack([genuine, forged] * 2, axis=1)
    kind = np.array([["", "part_missing"] * 2] * b)
    altered = np.where(kind[..., None, None] != "", disc & quarter, False)
    noisy = np.clip(listings + rng.normal(0, 6, listings.shape), 0, 255).astype(np.uint8)
    return PairSet(
        brand=np.arange(b) * 2,
        references=np.repeat(genuine[:, None], k, axis=1).astype(np.uint8),
        ink=np.repeat(disc[None].astype(np.uint8) * np.uint8(255), b, axis=0),
        mark=np.repeat(disc[None], b, axis=0),
        listings=noisy,
        altered=altered,
        kind=kind,
        severity=(kind != "").astype(np.int64) * 2,
        condition=np.full((b, n), "mild"),
    )


@pytest.fixture
def settings(tmp_path: Path, pairs: PairSet) -> ComparatorConfig:
    cache = tmp_path / "pairs"
    cache.mkdir()
    np.savez(cache / "chunk-0000.npz", **{name: getattr(pairs, name) for name in PairSet.__dataclass_fields__})
    return load_as(ComparatorConfig, CONFIG, [*TINY, f"pairs.cache={cache}", f"runs={tmp_path}"])


@pytest.mark.parametrize("name", ["comparator", "comparator-cover"])
def test_a_shipped_config_loads_opens_with_its_header_and_is_closed(name: str) -> None:
    path = CONFIG.with_name(f"{name}.yaml")
    assert load_as(ComparatorConfig, path).name == name
    words = [line.split(":")[0] for line in path.read_text().splitlines()[:4]]
    assert words == ["# purpose", "# cost", "# expected", "# command"]
    with pytest.raises(ConfigurationError, match=r"choose from .*judge_every_steps"):
        load_as(ComparatorConfig, path, ["schedule.speed=1"])


def test_half_of_a_batch_is_genuine_and_a_step_has_its_batch(pairs: PairSet, settings: ComparatorConfig) -> None:
    first, again = next(batches(pairs, settings, 3)), next(batches(pairs, settings, 3))
    assert torch.equal(first.photo, again.photo)
    assert first.forged.sum() == 8
    assert not torch.equal(first.photo, next(batches(pairs, settings, 4)).photo)


def test_augmentation_keeps_labels_shapes_and_where_it_was_altered(pairs: PairSet, settings: ComparatorConfig) -> None:
    plain = next(batches(pairs, settings))
    moved = augmented(plain, settings.augment, torch.Generator().manual_seed(0))
    assert moved.photo.shape == plain.photo.shape
    assert torch.equal(moved.forged, plain.forged)
    assert torch.equal(moved.altered.amax((1, 2, 3)) > 0.5, plain.forged > 0)
    assert float(moved.photo.min()) >= 0
    assert float(moved.photo.max()) <= 1


def test_a_pair_turned_round_has_no_fault_to_name(pairs: PairSet, settings: ComparatorConfig) -> None:
    turned = settings.augment.model_copy(update={"exchanged_share": 1.0})
    batch = next(batches(pairs, settings))
    assert (batch.fault >= 0).sum() == len(batch.fault) // 2
    assert (augmented(batch, turned, torch.Generator().manual_seed(0)).fault == NO_FAULT).all()


def test_a_few_steps_lower_the_loss(pairs: PairSet, settings: ComparatorConfig) -> None:
    trainer = train.Trainer.of(settings, pairs)
    batch = next(batches(pairs, settings))
    losses = [trainer.step(batch, 5e-3) for _ in range(8)]
    assert losses[-1] < 0.9 * losses[0]


def test_a_run_may_go_on_from_the_weights_of_another(
    pairs: PairSet, settings: ComparatorConfig, tmp_path: Path
) -> None:
    first = train.Trainer.of(settings, pairs)
    checkpoint.save_weights(first.network, tmp_path / train.BEST)
    other = train.Trainer.of(settings.model_copy(update={"seed": 99, "start": str(tmp_path / train.BEST)}), pairs)
    assert torch.equal(first.network.draw.weight, other.network.draw.weight)


def test_a_run_may_go_on_from_the_file_that_a_bundle_holds(pairs: PairSet) -> None:
    path = carried() / "comparator.onnx"
    settings = load_as(ComparatorConfig, CONFIG, [f"start={path}", "pairs.batch=16", "pairs.held_out_every=2"])
    trainer = train.Trainer.of(settings, pairs)
    batch = next(batches(pairs, settings))
    trainer.network.train()  # norms by the batch's own statistics now, which are those that they were given
    with torch.no_grad():
        learned = trainer.network(batch.photo, batch.reference, batch.ink)[0]
        said = trainer.network.eval()(batch.photo, batch.reference, batch.ink)[0]
    assert float((learned - said).abs().mean()) < 0.3 * float(said.std())


def test_a_start_of_another_network_is_refused(pairs: PairSet, settings: ComparatorConfig) -> None:
    other = settings.model_copy(update={"start": str(carried() / "comparator.onnx")})
    with pytest.raises(ConfigurationError, match="is of another network"):
        train.Trainer.of(other, pairs)


def test_of_what_is_covered_nothing_is_asked(pairs: PairSet, settings: ComparatorConfig) -> None:
    always, never = (settings.augment.model_copy(update={"covered_share": share}) for share in (1.0, 0.0))
    batch = next(batches(pairs, settings))
    seen = augmented(batch, always, torch.Generator().manual_seed(3))
    bare = augmented(batch, never, torch.Generator().manual_seed(3))
    left, before = seen.altered.sum((1, 2, 3)), bare.altered.sum((1, 2, 3))
    assert (left <= before + 1).all()
    hidden = (batch.forged > 0.5) & (left < 0.35 * before)
    assert (seen.weight[hidden] == 0).all()
    assert (seen.weight[batch.forged < 0.5] > 0).all()


def test_a_run_keeps_its_best_and_its_file_says_what_torch_says(settings: ComparatorConfig) -> None:
    folder = train.train(settings)
    lines = (folder / "metrics.csv").read_text().splitlines()
    assert lines[0].startswith("step,brands,loss,auroc_1")
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "6"]
    judged = train.judged(settings, folder / train.BEST)
    assert judged.logit.shape == (8, 2)
    assert report(judged).row_count == 4  # all, its severity, its condition, its kind
    rng = np.random.default_rng(1)
    photo, references = (rng.integers(0, 256, (n, 192, 192, 3), np.uint8) for n in (1, 3))
    found = served.Comparator(folder / FILE).compare(photo[0], references, np.ones((192, 192), np.float32))
    assert found.heat.shape == (192, 192)
    assert 0 <= found.heat.min() <= found.heat.max() <= 1
    assert np.exp(found.faults).sum() == pytest.approx(1, abs=1e-5)


def test_the_export_agrees_with_torch_for_any_number_of_references(tmp_path: Path) -> None:
    assert export(Comparator(NetworkConfig()).eval(), tmp_path / "one.onnx") < LARGEST_DIFFERENCE


def test_held_out_brands_are_the_same_however_many_there_are(pairs: PairSet) -> None:
    whole, half = held_out(pairs, 2), held_out(pairs.where(pairs.brand < 4), 2)
    assert np.array_equal(whole[: len(half)], half)


def test_what_is_covered_is_judged_by_what_is_left(pairs: PairSet, settings: ComparatorConfig) -> None:
    seen = covered(pairs)
    assert np.array_equal(seen.listings, covered(pairs).listings)
    assert not np.array_equal(seen.listings, pairs.listings)
    left, before = seen.altered.sum((2, 3)), pairs.altered.sum((2, 3))
    assert (left <= before).all()
    assert np.array_equal(seen.kind == UNSEEN, left < before / 2)
    assert len(judge(Comparator(settings.network), seen, settings, 1).kind) == (seen.kind != UNSEEN).sum()


def test_the_judge_tells_where_and_how_well(pairs: PairSet, settings: ComparatorConfig) -> None:
    judged = judge(Comparator(settings.network), pairs, settings, references=1)
    assert set(judged.figures()) == {"auroc_1", "auroc", "tpr_at_5", "auroc_peak", "peak_hits", "named"}
    assert 0 <= judged.auroc() <= 1
