"""The source: everything that a configuration learns from and is validated with, opened."""

from dataclasses import dataclass

from training import atlas
from training.config import TrainConfig, expand
from training.data import manifest, shards, snapshots
from training.data.entry import Album, Albums
from training.data.photographs import Photographs
from training.data.sampling import Maker, Sampler
from training.data.schooling import Schooling, open_teachers, schooling
from training.data.split import split
from training.data.tokens import tokeniser
from training.data.validation import Validation, validation
from vision.errors import ConfigurationError


@dataclass(frozen=True, eq=False)
class Source:
    """What training asks for."""

    sampler: Sampler
    school: Schooling | None
    validation: Validation  # photographs where there are any, else drawn marks


@dataclass(frozen=True, eq=False)
class _Side:
    """One way to get views: its brands to learn from, and its validation."""

    maker: Maker
    validation: Validation
    school: Schooling | None = None


def open_source(settings: TrainConfig) -> Source:
    """Open manifests and shards first, then draw: what is wrong with them is told before anything is computed.

    Errors: `ManifestInvalid`, `ConfigurationError`.
    """
    album = _album(settings)
    photographed = _photographed(album, settings) if album else None
    drawn = _drawn(settings) if settings.data.draws else None
    sides = [side for side in (drawn, photographed) if side is not None]
    makers = tuple(side.maker for side in sides)
    _require_brands(makers, settings)
    return Source(Sampler(makers, _shares(settings), settings), sides[0].school, sides[-1].validation)


def _album(settings: TrainConfig) -> Album | None:
    photos = settings.data.photos
    if photos is None:
        return None
    albums: list[Album] = [manifest.read(expand(photos.manifest))] if photos.manifest else []
    albums += [shards.read(photos.shards)] if photos.shards else []
    return albums[0] if len(albums) == 1 else Albums(tuple(albums))


def _drawn(settings: TrainConfig) -> _Side:
    teachers = open_teachers(settings)  # an absent one is told before marks are drawn
    marks = atlas.open_or_draw(settings.data)
    parts = split(marks.brands, settings.data.validation_brands)
    kept = Photographs(marks, parts.validation, settings)
    task = validation(kept, len(parts.validation), settings.model.input_px)
    return _Side(Photographs(marks, parts.training, settings), task, schooling(settings, marks, parts, teachers))


def _photographed(album: Album, settings: TrainConfig) -> _Side:
    assert settings.data.photos is not None
    tokenise = tokeniser(settings.model)
    learned, held_out = snapshots.training_and_validation(album, settings)
    if not held_out:
        raise ConfigurationError("data.photos holds no brand out; give some of its rows the split 'validation'")
    task = snapshots.validation(album, held_out, settings.model.input_px, tokenise)
    return _Side(snapshots.Snapshots(album, learned, settings.data.photos.retouch, tokenise), task)


def _shares(settings: TrainConfig) -> tuple[float, ...]:
    photos = settings.data.photos
    if photos is None or not settings.data.draws:
        return (1.0,)
    return (1 - photos.share, photos.share)


def _require_brands(makers: tuple[Maker, ...], settings: TrainConfig) -> None:
    least = 2 * settings.schedule.parts_per_step
    found = sum(maker.brand_count for maker in makers)
    if found < least:
        raise ConfigurationError(f"data gives {found} brand(s) to learn from; a step of as many parts needs {least}")
